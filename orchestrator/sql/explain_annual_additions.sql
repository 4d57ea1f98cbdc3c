-- annual additions before the limit, the limit, and the steps of correction in their order
WITH facts AS (
  SELECT
    money.*,
    annual.employer_profit_sharing - money.employer_profit_sharing AS profit_sharing_reduction,
    annual.forfeiture_allocation - money.forfeiture_allocation AS allocation_reduction,
    money.annual_additions_before_limit - money.annual_additions - money.recharacterized_as_catch_up
    - money.excess_pre_tax_refund - money.excess_roth_refund - money.excess_match_forfeiture
    - profit_sharing_reduction - allocation_reduction AS nonelective_reduction,
    limits.annual_additions_limit AS dollar_limit,
    plan_year.must_catch_up_roth
  FROM int_plan_money AS money
  INNER JOIN annual_employer_money AS annual
    ON money.employee_id = annual.employee_id
  INNER JOIN int_plan_year AS plan_year
    ON money.employee_id = plan_year.employee_id
  INNER JOIN int_plan_limits AS limits
    ON limits.simulation_year = GETVARIABLE('year')
  WHERE money.employee_id = GETVARIABLE('employee_id')
)

SELECT
  steps.text,
  MONEY(steps.amount) AS amount
FROM facts
CROSS JOIN LATERAL (
  VALUES
  (1, 'regular deferrals, employer money and allocated forfeitures', annual_additions_before_limit),
  (
    2,
    IF(
      annual_additions_limit < dollar_limit,
      FORMAT('limit: all pay, below the dollar limit of {}', DOLLARS(dollar_limit)),
      FORMAT('limit: the dollar limit, below pay of {}', DOLLARS(total_compensation))
    ),
    annual_additions_limit
  ),
  (
    3,
    CASE
      WHEN must_catch_up_roth AND recharacterized_pre_tax > 0 THEN FORMAT(
        'first, deferrals turned into catch-up, {} of them moved to the Roth account (IRC 414(v)(7))',
        DOLLARS(recharacterized_pre_tax)
      )
      WHEN recharacterized_as_catch_up > 0 THEN 'first, deferrals turned into catch-up'
    END,
    recharacterized_as_catch_up
  ),
  (4, IF(excess_pre_tax_refund > 0, 'then pre-tax deferrals returned', NULL), excess_pre_tax_refund),
  (5, IF(excess_roth_refund > 0, 'then Roth deferrals returned', NULL), excess_roth_refund),
  (6, IF(excess_match_forfeiture > 0, 'match of them forfeited', NULL), excess_match_forfeiture),
  (7, IF(profit_sharing_reduction > 0, 'then profit sharing not allocated', NULL), profit_sharing_reduction),
  (8, IF(allocation_reduction > 0, 'and forfeitures not allocated', NULL), allocation_reduction),
  (9, IF(nonelective_reduction > 0, 'last, nonelective contributions not made', NULL), nonelective_reduction),
  (10, 'annual additions of the year', annual_additions)
) AS steps (step, text, amount)
WHERE steps.text IS NOT NULL
ORDER BY steps.step
