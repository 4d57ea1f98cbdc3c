{{ config(tags=['genesis']) }}

-- every Friday of the simulation with its number in the year from 0, and what a unit of an account is worth on it
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

days AS (
  SELECT
    CAST(UNNEST(RANGE(
      MAKE_DATE(simulation__start_year, 1, 1),
      MAKE_DATE(simulation__end_year + 1, 1, 1),
      INTERVAL 1 DAY
    )) AS DATE) AS day
  FROM settings
)

SELECT
  settings.scenario_id,
  settings.plan_design_id,
  CAST(YEAR(days.day) AS INTEGER) AS simulation_year,
  CAST((DAYOFYEAR(days.day) - 1) // 7 AS INTEGER) AS friday,
  days.day AS snapshot_date,
  {{ unit_price('DAYOFYEAR(days.day)', "DAYOFYEAR(MAKE_DATE(YEAR(days.day), 12, 31))") }} AS price
FROM days
CROSS JOIN settings
WHERE DAYOFWEEK(days.day) = 5
ORDER BY days.day
