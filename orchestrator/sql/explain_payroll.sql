-- pay and money of each pay date; the last row is the year
WITH payroll AS (
  SELECT *
  FROM int_payroll
  WHERE employee_id = GETVARIABLE('employee_id')
)

SELECT
  COALESCE(CAST(pay_date AS VARCHAR), 'year') AS pay_date,
  MONEY(SUM(plan_pay)) AS plan_pay,
  IF(pay_date IS NULL, NULL, PERCENT(ANY_VALUE(deferral_rate))) AS rate,
  MONEY(SUM(employee_pre_tax)) AS pre_tax,
  MONEY(SUM(employee_roth)) AS roth,
  MONEY(SUM(employee_catch_up)) AS catch_up,
  MONEY(SUM(employee_roth_catch_up)) AS roth_catch_up,
  MONEY(SUM(employer_match)) AS employer_match
FROM payroll
GROUP BY GROUPING SETS ((payroll.pay_date), ())
HAVING COUNT(*) > 0
ORDER BY payroll.pay_date NULLS LAST
