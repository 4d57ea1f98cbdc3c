-- what was computed for the explanation beside what was published, where they differ
SELECT
  compared.name,
  MONEY(compared.computed) AS computed,
  MONEY(compared.published) AS published
FROM fct_workforce_snapshot AS snapshot
INNER JOIN int_person_year AS person_year
  ON snapshot.employee_id = person_year.employee_id
INNER JOIN int_plan_money AS plan_money
  ON snapshot.employee_id = plan_money.employee_id
CROSS JOIN LATERAL (
  VALUES
  ('annual rate', person_year.closing_compensation, snapshot.current_compensation),
  (
    'deferrals',
    plan_money.employee_pre_tax + plan_money.employee_roth + plan_money.employee_catch_up
    + plan_money.employee_roth_catch_up,
    snapshot.employee_pre_tax + snapshot.employee_roth + snapshot.employee_catch_up
  ),
  ('match', plan_money.employer_match + plan_money.employer_match_true_up, snapshot.employer_match),
  ('nonelective', plan_money.employer_nonelective, snapshot.employer_nonelective),
  ('profit sharing', plan_money.employer_profit_sharing, snapshot.employer_profit_sharing),
  ('forfeitures allocated', plan_money.forfeiture_allocation, snapshot.forfeiture_allocation),
  ('annual additions', plan_money.annual_additions, snapshot.annual_additions)
) AS compared (name, computed, published)
WHERE snapshot.employee_id = GETVARIABLE('employee_id')
  AND snapshot.simulation_year = GETVARIABLE('year')
  AND compared.computed <> compared.published
