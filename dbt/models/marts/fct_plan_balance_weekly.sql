-- plan totals on every Friday by account
SELECT
  scenario_id,
  plan_design_id,
  simulation_year,
  snapshot_date,
  source,
  CAST(SUM(balance) AS DECIMAL(18, 6)) AS balance,
  CAST(SUM(vested_balance) AS DECIMAL(18, 6)) AS vested_balance,
  COUNT(*) FILTER (WHERE balance > 0) AS participants
FROM {{ ref('fct_participant_balance_snapshots') }}
WHERE simulation_year = {{ var('simulation_year') }}
GROUP BY scenario_id, plan_design_id, simulation_year, snapshot_date, source
ORDER BY snapshot_date, source
