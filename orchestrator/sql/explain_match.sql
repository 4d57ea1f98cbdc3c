-- match: conditions, tiers, what was posted per payroll, the formula on the whole year, and the true-up
WITH facts AS (
  SELECT
    annual.* EXCLUDE (employer_match, employer_match_true_up),
    money.employer_match,
    money.employer_match_true_up,
    settings.*
  FROM annual_employer_money AS annual
  INNER JOIN int_plan_money AS money
    ON annual.employee_id = money.employee_id
  CROSS JOIN inputs.settings AS settings
  WHERE annual.employee_id = GETVARIABLE('employee_id')
    AND settings.plan__match__formula <> 'none'
),

tier_steps AS (
  SELECT
    2 AS step,
    FORMAT(
      'tier: {} of deferrals from {} to {} of pay',
      PERCENT(tier.rate / 1e6), PERCENT(tier.from_rate / 1e6), PERCENT(tier.up_to / 1e6)
    ) AS text,
    NULL AS amount
  FROM (
    SELECT UNNEST(tiers) AS tier
    FROM facts
  )
),

steps AS (
  SELECT
    steps.step,
    steps.text,
    steps.amount
  FROM facts
  CROSS JOIN LATERAL (
    VALUES
    (
      1,
      CASE
        WHEN NOT is_match_eligible THEN 'not eligible for match this year: '
          || CASE
            WHEN eligibility_basis <> 'service' THEN 'long-term part-timers only defer'
            ELSE FORMAT(
              '{} hours, last day {}; the plan asks for {} hours{}',
              hours_in_year, last_date, plan__match__eligibility__hours,
              IF(plan__match__eligibility__last_day, ' and employment on 31 December', '')
            )
          END
        ELSE FORMAT(
          'eligible for match{}{}{}',
          IF(match_start_date > plan_start, FORMAT(' from {}', match_start_date), ''),
          IF(
            plan__match__eligibility__hours > 0,
            FORMAT(', {} of {} hours', hours_in_year, plan__match__eligibility__hours), ''
          ),
          IF(plan__match__eligibility__last_day, ', employed on 31 December', '')
        )
      END,
      NULL
    ),
    (
      1,
      CASE plan__match__formula
        WHEN 'service_graded' THEN FORMAT('tiers by service: {} years', tenure)
        WHEN 'points' THEN FORMAT('tiers by points: age {} and {} years of service', age, tenure)
      END,
      NULL
    ),
    (1, IF(plan__match__safe_harbor = 'none', NULL, FORMAT('safe harbor: {}', plan__match__safe_harbor)), NULL),
    (
      3,
      FORMAT('deferrals that count{}', IF(plan__match__on_catch_up, ', catch-up included', ', without catch-up')),
      matchable_deferrals
    ),
    (4, 'pay they are measured by, before the 401(a)(17) limit', match_pay),
    (5, IF(plan__match__dollar_cap IS NULL, NULL, 'dollar cap of the plan'), plan__match__dollar_cap),
    (6, IF(plan__match__frequency = 'payroll', 'posted per payroll, sum of the pay dates above', NULL), payroll_match),
    (
      7,
      IF(plan__match__frequency = 'annual' OR plan__match__true_up, 'formula on the whole year' || IF(plan__match__dollar_cap IS NULL, '', ', within the dollar cap'), NULL),
      annual_match
    ),
    (
      8,
      IF(withdrawn_match_this_year > 0, 'of the match posted, given up with the permissible withdrawal', NULL),
      withdrawn_match_this_year
    ),
    (
      9,
      CASE
        WHEN plan__match__frequency = 'annual' THEN NULL
        WHEN plan__match__true_up THEN 'true-up: what the whole year earns above what was posted'
        ELSE 'the plan has no true-up'
      END,
      IF(plan__match__true_up, employer_match_true_up, NULL)
    ),
    (10, 'match of the year', employer_match + employer_match_true_up)
  ) AS steps (step, text, amount)
  UNION ALL
  FROM tier_steps
)

SELECT
  text,
  MONEY(amount) AS amount
FROM steps
WHERE text IS NOT NULL
ORDER BY step
