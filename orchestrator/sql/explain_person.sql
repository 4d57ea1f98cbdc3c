-- who: of people employed in the year, and of former participants as they were at exit
WITH people AS (
  SELECT
    employee_birth_date,
    employee_hire_date,
    exit_date AS termination_date,
    exit_reason,
    exit_probability,
    age,
    tenure,
    level_id,
    closing_level_id,
    job_title,
    scheduled_hours_per_week,
    last_date,
    TRUE AS is_employed,
    is_new_hire
  FROM int_person_year
  WHERE employee_id = GETVARIABLE('employee_id')
  UNION ALL
  SELECT
    employee_birth_date,
    employee_hire_date,
    termination_date,
    NULL AS exit_reason,
    NULL AS exit_probability,
    age,
    tenure,
    level_id,
    level_id AS closing_level_id,
    NULL AS job_title,
    scheduled_hours_per_week,
    termination_date AS last_date,
    FALSE AS is_employed,
    FALSE AS is_new_hire
  FROM former_participants
  WHERE employee_id = GETVARIABLE('employee_id')
)

SELECT
  steps.text,
  MONEY(steps.amount) AS amount
FROM people
CROSS JOIN LATERAL (
  VALUES
  (1, FORMAT('born {}, age {} at 31 December {}', employee_birth_date, age, GETVARIABLE('year')), NULL),
  (
    2,
    FORMAT(
      'hired {}{}; {} completed years of service at {}',
      employee_hire_date, IF(is_new_hire, ' (new this year)', ''), tenure,
      IF(is_employed, FORMAT('31 December {}', GETVARIABLE('year')), 'exit')
    ),
    NULL
  ),
  (
    3,
    CASE
      WHEN termination_date IS NULL THEN 'employed to the end of the year'
      WHEN is_employed THEN FORMAT(
        'left {} ({}); probability of leaving in the year {}',
        termination_date, WORDS(exit_reason), PERCENT(exit_probability)
      )
      ELSE FORMAT('left {}, before this year: only the accounts are left', termination_date)
    END,
    NULL
  ),
  (
    4,
    FORMAT(
      'level {}{}{}, {:g} hours a week',
      level_id,
      IF(closing_level_id <> level_id, FORMAT(', then {}', closing_level_id), ''),
      COALESCE(', ' || job_title, ''),
      CAST(scheduled_hours_per_week AS DOUBLE)
    ),
    NULL
  )
) AS steps (step, text, amount)
ORDER BY steps.step
