{{ config(tags=['genesis']) }}

WITH census AS (
  SELECT *
  FROM {{ ref('stg_census_data') }}
),

settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

employed AS (
  SELECT
    census.*,
    MAKE_DATE(settings.simulation__start_year - 1, 12, 31) AS opening_day,
    {{ service_requirement_met('census.employee_hire_date', 'census.scheduled_hours_per_week') }} AS service_met_date,
    {{ long_term_part_time_met('census.employee_hire_date', 'census.scheduled_hours_per_week') }} AS part_time_met_date
  FROM census
  CROSS JOIN settings
  WHERE census.employee_termination_date IS NULL
    OR census.employee_termination_date > MAKE_DATE(settings.simulation__start_year - 1, 12, 31)
),

satisfied AS (
  SELECT
    employed.*,
    {{ eligibility_satisfied('employed.employee_birth_date', 'employed.employee_hire_date') }} AS satisfied_date,
    {{ eligibility_basis('employed.employee_birth_date', 'employed.plan_entry_date') }} AS basis
  FROM employed
  CROSS JOIN settings
),

-- an entry date in the census is a fact and wins over the plan's rules
entered AS (
  SELECT
    satisfied.*,
    LEAST(satisfied.satisfied_date, satisfied.plan_entry_date) AS known_satisfied_date,
    COALESCE(satisfied.plan_entry_date, {{ entry_date('satisfied.satisfied_date') }}) AS known_entry_date
  FROM satisfied
  CROSS JOIN settings
)

SELECT
  scenario_id,
  plan_design_id,
  employee_id,
  employee_ssn,
  employee_birth_date,
  employee_hire_date,
  employee_termination_date AS announced_exit_date,
  level_id,
  employee_gross_compensation AS current_compensation,
  job_title,
  department,
  scheduled_hours_per_week,
  {{ census_pay('opening_day') }} AS prior_year_gross_pay,
  ownership_pct,
  is_officer,
  CASE WHEN known_satisfied_date <= opening_day THEN known_satisfied_date END AS eligibility_date,
  CASE WHEN known_satisfied_date <= opening_day THEN known_entry_date END AS plan_entry_date,
  CASE WHEN known_satisfied_date <= opening_day THEN basis END AS eligibility_basis,
  plan_entry_date AS census_entry_date,
  employee_deferral_rate AS census_deferral_rate,
  employee_roth_share AS census_roth_share,
  auto_escalation_opt_out,
  account_balance_employee,
  account_balance_employer
FROM entered
ORDER BY employee_id
