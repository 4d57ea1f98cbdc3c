-- what the rates add up to
SELECT
  steps.text,
  MONEY(steps.amount) AS amount
FROM fct_workforce_snapshot AS snapshot
LEFT JOIN int_plan_money AS plan_money
  ON snapshot.employee_id = plan_money.employee_id
CROSS JOIN LATERAL (
  VALUES
  (
    1,
    FORMAT(
      'paid in the year: sum of annual rate x days / {} days',
      MAKE_DATE(snapshot.simulation_year + 1, 1, 1) - MAKE_DATE(snapshot.simulation_year, 1, 1)
    ),
    snapshot.prorated_annual_compensation
  ),
  (2, 'annual rate at the end', snapshot.current_compensation),
  (
    3,
    FORMAT('of it from plan entry on {}', snapshot.plan_entry_date),
    plan_money.plan_compensation
  )
) AS steps (step, text, amount)
WHERE snapshot.employee_id = GETVARIABLE('employee_id')
  AND snapshot.simulation_year = GETVARIABLE('year')
  AND steps.amount IS NOT NULL
ORDER BY steps.step
