{{ config(materialized='yearly') }}

-- key employees on the determination date, 31 December of the year before; kept, because a former one stays out of 416(g)
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

lookback_limits AS (
  SELECT *
  FROM {{ ref('int_plan_limits') }}
  WHERE simulation_year = {{ var('simulation_year') }} - 1
),

lookback AS (
  {{ lookback_employees() }}
)

SELECT
  settings.scenario_id,
  settings.plan_design_id,
  {{ var('simulation_year') }} AS simulation_year,
  lookback.employee_id
FROM lookback
CROSS JOIN settings
WHERE lookback.is_key_employee
ORDER BY lookback.employee_id
