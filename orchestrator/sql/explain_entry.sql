-- eligibility and entry: what the plan asks, when it was met, when the person came in
SELECT
  steps.text,
  NULL AS amount
FROM int_plan_year AS plan_year
CROSS JOIN inputs.settings AS settings
CROSS JOIN LATERAL (
  VALUES
  (
    1,
    FORMAT(
      'the plan asks for age {} and {} months of service{}; entry {}',
      plan__eligibility__minimum_age,
      plan__eligibility__service_months,
      IF(plan__eligibility__hours_required > 0, FORMAT(' with {} hours', plan__eligibility__hours_required), ''),
      IF(plan__eligibility__entry_dates = 'immediate', 'at once', WORDS(plan__eligibility__entry_dates))
    )
  ),
  (
    2,
    CASE
      WHEN satisfied_date IS NULL THEN FORMAT('not satisfied by {}', last_date)
      ELSE FORMAT(
        'satisfied on {} by {}{}',
        satisfied_date, IF(eligibility_basis = 'service', 'age and service', 'long-term part-time work'),
        IF(is_newly_eligible, ', this year', '')
      )
    END
  ),
  (
    3,
    CASE
      WHEN plan_entry_date IS NOT NULL THEN FORMAT('entered the plan on {}', plan_entry_date)
      WHEN scheduled_entry_date IS NOT NULL
        THEN FORMAT('would enter on {}, after {}', scheduled_entry_date, last_date)
    END
  ),
  (4, FORMAT('the law allows entry no later than {}', statutory_latest_entry)),
  (
    5,
    CASE
      WHEN eligibility_basis = 'long_term_part_time'
        THEN 'long-term part-timer: deferrals only, no employer money (IRC 401(k)(15))'
    END
  )
) AS steps (step, text)
WHERE plan_year.employee_id = GETVARIABLE('employee_id')
  AND steps.text IS NOT NULL
ORDER BY steps.step
