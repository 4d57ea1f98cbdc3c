WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

events AS (
  SELECT *
  FROM {{ ref('fct_yearly_events') }}
  WHERE simulation_year = {{ var('simulation_year') }}
),

snapshot AS (
  SELECT *
  FROM {{ ref('fct_workforce_snapshot') }}
  WHERE simulation_year = {{ var('simulation_year') }}
),

summary AS (
  SELECT *
  FROM {{ ref('fct_simulation_summary') }}
  WHERE simulation_year = {{ var('simulation_year') }}
),

checks AS (
  {{ check_headcount() }}
  UNION ALL
  {{ check_headcount_solve() }}
  UNION ALL
  {{ check_payroll() }}
  UNION ALL
  {{ check_calendar() }}
  UNION ALL
  {{ check_event_identity() }}
  UNION ALL
  {{ check_replay() }}
  UNION ALL
  {{ check_contributions() }}
  UNION ALL
  {{ check_limits() }}
  UNION ALL
  {{ check_statutory_entry() }}
  UNION ALL
  {{ check_census_reconciliation() }}
  UNION ALL
  {{ check_census_drift() }}
)

SELECT
  settings.scenario_id,
  settings.plan_design_id,
  {{ var('simulation_year') }} AS simulation_year,
  checks.check_name,
  checks.severity,
  CAST(checks.checked_rows AS BIGINT) AS checked_rows,
  CAST(checks.failing_rows AS BIGINT) AS failing_rows,
  checks.measured,
  checks.expected,
  checks.detail
FROM checks
CROSS JOIN settings
ORDER BY checks.check_name
