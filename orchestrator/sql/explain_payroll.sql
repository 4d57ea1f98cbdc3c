-- pay and money of each pay date; the last row is the year
WITH payroll AS (
  SELECT *
  FROM int_payroll
  WHERE employee_id = GETVARIABLE('employee_id')
)

SELECT
  COALESCE(CAST(pay_date AS VARCHAR), 'year') AS pay_date,
  money(SUM(plan_pay)) AS plan_pay,
  IF(pay_date IS NULL, NULL, percent(ANY_VALUE(deferral_rate))) AS rate,
  money(SUM(employee_pre_tax)) AS pre_tax,
  money(SUM(employee_roth)) AS roth,
  money(SUM(employee_catch_up)) AS catch_up,
  money(SUM(employee_roth_catch_up)) AS roth_catch_up,
  money(SUM(employer_match)) AS employer_match
FROM payroll
GROUP BY GROUPING SETS ((payroll.pay_date), ())
HAVING COUNT(*) > 0
ORDER BY payroll.pay_date NULLS LAST
