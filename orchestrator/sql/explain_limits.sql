-- the limits of deferrals, and when they were met
WITH facts AS (
  SELECT
    plan_year.*,
    limits.is_projected,
    money.employee_pre_tax + money.employee_roth AS regular_deferrals,
    money.employee_catch_up + money.employee_roth_catch_up AS catch_up,
    money.recharacterized_as_catch_up,
    money.plan_compensation,
    money.capped_compensation,
    settings.plan__deferrals__catch_up,
    settings.plan__deferrals__maximum_rate
  FROM int_plan_year AS plan_year
  INNER JOIN int_plan_money AS money
    ON plan_year.employee_id = money.employee_id
  INNER JOIN int_plan_limits AS limits
    ON limits.simulation_year = GETVARIABLE('year')
  CROSS JOIN inputs.settings AS settings
  WHERE plan_year.employee_id = GETVARIABLE('employee_id')
)

SELECT
  steps.text,
  MONEY(steps.amount) AS amount
FROM facts
CROSS JOIN LATERAL (
  VALUES
  (
    1,
    FORMAT('402(g) limit of regular deferrals, {}', IF(is_projected, 'projected', 'published')),
    elective_deferral_limit
  ),
  (2, 'regular deferrals, pre-tax and Roth', regular_deferrals),
  (
    3,
    CASE
      WHEN NOT plan__deferrals__catch_up THEN 'catch-up room: the plan has no catch-up'
      WHEN age < 50 THEN FORMAT('414(v) catch-up room: none at age {}', age)
      WHEN must_catch_up_roth AND catch_up_room = 0
        THEN '414(v) catch-up room: none, catch-up must be Roth and the plan has no Roth'
      ELSE FORMAT('414(v) catch-up room at age {}', age)
    END,
    catch_up_room
  ),
  (
    4,
    CASE
      WHEN must_catch_up_roth THEN FORMAT(
        'catch-up must be Roth: paid {} last year, above {} (IRC 414(v)(7))',
        DOLLARS(prior_year_pay), DOLLARS(roth_catch_up_wage_threshold)
      )
    END,
    NULL
  ),
  (5, IF(catch_up > 0, 'catch-up deferrals', NULL), catch_up),
  (
    6,
    IF(recharacterized_as_catch_up > 0, 'regular deferrals turned into catch-up by 415(c), below', NULL),
    recharacterized_as_catch_up
  ),
  (
    7,
    IF(catch_up_room > 0, 'catch-up room left', NULL),
    catch_up_room - catch_up - recharacterized_as_catch_up
  ),
  (8, '401(a)(17) limit of pay that earns employer money', compensation_limit),
  (
    9,
    IF(plan_compensation > capped_compensation, FORMAT(
      'pay from entry {} is above it; pay counted', DOLLARS(plan_compensation)
    ), NULL),
    capped_compensation
  )
) AS steps (step, text, amount)
WHERE steps.text IS NOT NULL
UNION ALL
SELECT
  FORMAT(
    '{}: {}, limit {}',
    effective_date,
    WORDS(event_category),
    DOLLARS(event_payload ->> '$.applicable_limit')
  ) AS text,
  MONEY(event_payload ->> '$.current_amount') AS amount
FROM (
  SELECT *
  FROM fct_yearly_events
  WHERE employee_id = GETVARIABLE('employee_id')
    AND simulation_year = GETVARIABLE('year')
    AND event_category IN ('402g_limit_approach', '402g_limit_reached')
  ORDER BY event_sequence
) AS met
