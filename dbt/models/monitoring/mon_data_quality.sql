WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

run AS (
  SELECT *
  FROM {{ source('inputs', 'run') }}
),

-- each check scans the log for the few columns it reads
events AS NOT MATERIALIZED (
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

accounts AS (
  SELECT *
  FROM {{ ref('fct_participant_accounts') }}
  WHERE simulation_year = {{ var('simulation_year') }}
),

forfeiture_account AS (
  SELECT *
  FROM {{ ref('fct_forfeiture_account') }}
  WHERE simulation_year = {{ var('simulation_year') }}
),

checks AS (
  {% for check in [
    check_headcount(),
    check_headcount_solve(),
    check_exit_hazards(),
    check_payroll(),
    check_calendar(),
    check_event_identity(),
    check_replay(),
    check_pay_chain(),
    check_contributions(),
    check_limits(),
    check_statutory_entry(),
    check_account_walk(),
    check_account_opening(),
    check_account_balances(),
    check_account_flows(),
    check_account_payouts(),
    check_vested_shares(),
    check_last_friday(),
    check_year_end_balances(),
    check_forfeiture_account(),
    check_compliance_tests(),
    check_corrections(),
    check_census_reconciliation(),
    check_census_drift(),
  ] %}
  {{ check }}
  {% if not loop.last %}
  UNION ALL
  {% endif %}
  {% endfor %}
)

SELECT
  run.run_id,
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
CROSS JOIN run
ORDER BY checks.check_name
