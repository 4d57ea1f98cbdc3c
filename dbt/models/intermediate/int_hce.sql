-- highly compensated, IRC 414(q): owner of more than 5%, or paid more than the threshold of the look-back year
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

lookback_limits AS (
  SELECT *
  FROM {{ ref('int_plan_limits') }}
  WHERE simulation_year = {{ var('simulation_year') }} - 1
),

people AS (
  SELECT *
  FROM {{ ref('int_person_year') }}
),

lookback AS (
  {{ lookback_employees() }}
),

facts AS (
  SELECT
    people.scenario_id,
    people.plan_design_id,
    people.employee_id,
    people.ownership_pct,
    CAST(COALESCE(lookback.lookback_compensation, 0) AS DECIMAL(18, 2)) AS lookback_compensation,
    CAST(lookback_limits.hce_threshold AS DECIMAL(18, 2)) AS hce_threshold,
    CASE WHEN settings.plan__compliance__top_paid_group THEN COALESCE(lookback.in_top_paid_group, FALSE) END
      AS in_top_paid_group,
    COALESCE(lookback.is_key_employee, FALSE) AS is_key_employee
  FROM people
  CROSS JOIN settings
  CROSS JOIN lookback_limits
  LEFT JOIN lookback
    ON people.employee_id = lookback.employee_id
)

SELECT
  scenario_id,
  plan_design_id,
  employee_id,
  (
    ownership_pct > 0.05
    OR (lookback_compensation > hce_threshold AND COALESCE(in_top_paid_group, TRUE))
  ) AS is_hce,
  is_key_employee,
  lookback_compensation,
  hce_threshold,
  ownership_pct,
  in_top_paid_group
FROM facts
ORDER BY employee_id
