-- default deferrals taken out again within the window, and the match they take with them
SELECT
  steps.text,
  MONEY(steps.amount) AS amount
FROM int_plan_money AS plan_money
INNER JOIN int_plan_year AS plan_year
  ON plan_money.employee_id = plan_year.employee_id
CROSS JOIN LATERAL (
  VALUES
  (
    1,
    FORMAT(
      'automatic enrollment began {}, opted out {}: default deferrals withdrawn',
      plan_year.automatic_start, plan_year.second_date
    ),
    plan_money.withdrawn_deferrals
  ),
  (2, 'match forfeited with them', plan_money.withdrawn_match)
) AS steps (step, text, amount)
WHERE plan_money.employee_id = GETVARIABLE('employee_id')
  AND plan_money.withdrawn_deferrals > 0
ORDER BY steps.step
