-- plan totals on every Friday by account; what is the same in every row is no part of the grouping
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

totals AS (
  SELECT
    snapshot_date,
    source,
    SUM(balance) AS balance,
    SUM(vested_balance) AS vested_balance,
    COUNT(*) FILTER (WHERE balance > 0) AS participants
  FROM {{ ref('fct_participant_balance_snapshots') }}
  WHERE simulation_year = {{ var('simulation_year') }}
  GROUP BY snapshot_date, source
)

SELECT
  settings.scenario_id,
  settings.plan_design_id,
  {{ var('simulation_year') }} AS simulation_year,
  totals.snapshot_date,
  totals.source,
  CAST(totals.balance AS DECIMAL(18, 6)) AS balance,
  CAST(totals.vested_balance AS DECIMAL(18, 6)) AS vested_balance,
  totals.participants
FROM totals
CROSS JOIN settings
ORDER BY totals.snapshot_date, totals.source
