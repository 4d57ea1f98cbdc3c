-- nonelective contributions, top-heavy minimum, profit sharing and allocated forfeitures
WITH facts AS (
  SELECT
    annual.nonelective_rate,
    annual.tenure,
    annual.earns_employer_money,
    annual.employer_nonelective AS formula_nonelective,
    annual.employer_profit_sharing AS formula_profit_sharing,
    annual.forfeiture_allocation AS formula_allocation,
    annual.allocation_basis,
    money.capped_compensation,
    money.employer_nonelective,
    money.employer_profit_sharing,
    money.forfeiture_allocation,
    top_heavy.is_top_heavy,
    hce.is_key_employee,
    settings.*
  FROM annual_employer_money AS annual
  INNER JOIN int_plan_money AS money
    ON annual.employee_id = money.employee_id
  INNER JOIN int_hce AS hce
    ON annual.employee_id = hce.employee_id
  CROSS JOIN int_top_heavy AS top_heavy
  CROSS JOIN inputs.settings AS settings
  WHERE annual.employee_id = GETVARIABLE('employee_id')
)

SELECT
  steps.text,
  MONEY(steps.amount) AS amount
FROM facts
CROSS JOIN LATERAL (
  VALUES
  (
    1,
    CASE plan__nonelective__formula
      WHEN 'flat' THEN FORMAT('nonelective: {} of capped pay', PERCENT(nonelective_rate))
      WHEN 'service_graded'
        THEN FORMAT('nonelective: {} of capped pay at {} years of service', PERCENT(nonelective_rate), tenure)
      WHEN 'permitted_disparity' THEN FORMAT(
        'nonelective: {} of capped pay and {} of what is above the wage base (IRC 401(l))',
        PERCENT(nonelective_rate), PERCENT(plan__nonelective__excess_rate)
      )
    END,
    formula_nonelective
  ),
  (
    2,
    CASE
      WHEN is_top_heavy THEN FORMAT(
        'the plan is top-heavy (IRC 416); {}',
        IF(is_key_employee, 'key employees get no minimum', 'employed non-key participants get the minimum')
      )
    END,
    NULL
  ),
  (
    3,
    IF(
      employer_nonelective <> formula_nonelective,
      'nonelective after the top-heavy minimum and the 415(c) limit', NULL
    ),
    employer_nonelective
  ),
  (
    4,
    CASE plan__profit_sharing__formula
      WHEN 'pro_rata' THEN FORMAT(
        'profit sharing: part of {} of all capped pay, in proportion to {}',
        PERCENT(plan__profit_sharing__share_of_pay), DOLLARS(allocation_basis)
      )
    END,
    formula_profit_sharing
  ),
  (
    5,
    IF(employer_profit_sharing <> formula_profit_sharing, 'profit sharing after the 415(c) limit', NULL),
    employer_profit_sharing
  ),
  (
    6,
    CASE plan__forfeitures__use
      WHEN 'reallocate' THEN FORMAT(
        'forfeitures of earlier years, in proportion to {}', DOLLARS(allocation_basis)
      )
    END,
    formula_allocation
  ),
  (
    7,
    IF(forfeiture_allocation <> formula_allocation, 'forfeitures allocated after the 415(c) limit', NULL),
    forfeiture_allocation
  )
) AS steps (step, text, amount)
WHERE steps.text IS NOT NULL
ORDER BY steps.step
