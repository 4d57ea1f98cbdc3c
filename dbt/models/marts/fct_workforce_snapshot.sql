-- state at 31 December: the opening cohort with the year's events folded in; reads nothing else about people
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

limits AS (
  SELECT *
  FROM {{ ref('int_plan_limits') }}
  WHERE simulation_year = {{ var('simulation_year') }}
),

age_bands AS (
  {{ bands_by_value(source('inputs', 'age_bands'), 'min_age', 'max_age', 'age') }}
),

tenure_bands AS (
  {{ bands_by_value(source('inputs', 'tenure_bands'), 'min_tenure', 'max_tenure', 'tenure') }}
),

plan_state AS (
  {{ folded_plan() }}
),

people AS (
  {{ folded_pay() }}
),

vesting AS (
  SELECT *
  FROM {{ ref('int_vesting') }}
),

accounts AS (
  SELECT
    employee_id,
    SUM(closing_balance) AS account_balance,
    SUM(vested_balance) AS vested_balance
  FROM {{ ref('fct_participant_accounts') }}
  WHERE simulation_year = {{ var('simulation_year') }}
  GROUP BY employee_id
)

SELECT
  settings.scenario_id,
  settings.plan_design_id,
  {{ var('simulation_year') }} AS simulation_year,
  people.employee_id,
  people.employee_ssn,
  people.employee_birth_date,
  people.employee_hire_date,
  people.termination_date,
  people.termination_reason,
  CASE WHEN people.termination_date IS NULL THEN 'active' ELSE 'terminated' END AS employment_status,
  CASE
    WHEN people.is_new_hire AND people.termination_date IS NULL THEN 'new_hire_active'
    WHEN people.is_new_hire THEN 'new_hire_termination'
    WHEN people.termination_date IS NULL THEN 'continuous_active'
    ELSE 'experienced_termination'
  END AS detailed_status_code,
  people.level_id,
  people.job_title,
  people.department,
  people.scheduled_hours_per_week,
  people.ownership_pct,
  people.is_officer,
  people.current_age,
  people.current_tenure,
  age_bands.band AS age_band,
  tenure_bands.band AS tenure_band,
  {{ money('people.current_compensation') }} AS current_compensation,
  {{ money(from_cents(divide_half_up('people.cent_days', days_in_year()))) }} AS prorated_annual_compensation,
  {{ money(from_cents(divide_half_up('people.cent_days', 'people.active_days'))) }} AS full_year_equivalent_compensation,
  {{ money('LEAST(' ~ from_cents(divide_half_up('people.plan_cent_days', days_in_year())) ~ ', limits.compensation_limit)') }}
    AS plan_compensation,
  plan_state.eligibility_date,
  plan_state.eligibility_basis,
  plan_state.plan_entry_date,
  plan_state.census_entry_date,
  plan_state.census_deferral_rate,
  plan_state.census_roth_share,
  plan_state.auto_escalation_opt_out,
  COALESCE(plan_state.plan_entry_date <= people.last_date, FALSE) AND plan_state.deferral_rate > 0 AS is_participating,
  plan_state.enrollment_date,
  plan_state.enrollment_method,
  plan_state.deferral_rate,
  plan_state.roth_share,
  {{ money('plan_state.employee_pre_tax') }} AS employee_pre_tax,
  {{ money('plan_state.employee_roth') }} AS employee_roth,
  {{ money('plan_state.employee_catch_up + plan_state.employee_roth_catch_up') }} AS employee_catch_up,
  {{ money('plan_state.employee_roth_catch_up') }} AS employee_roth_catch_up,
  {{ money('plan_state.employer_match + plan_state.employer_match_true_up') }} AS employer_match,
  {{ money('plan_state.employer_match_true_up') }} AS employer_match_true_up,
  {{ money('plan_state.employer_nonelective') }} AS employer_nonelective,
  {{ money('plan_state.employer_profit_sharing') }} AS employer_profit_sharing,
  {{ money('plan_state.forfeiture_allocation') }} AS forfeiture_allocation,
  {{ money('plan_state.annual_additions') }} AS annual_additions,
  vesting.service_years AS vesting_service_years,
  CASE
    WHEN settings.plan__match__formula = 'none' AND settings.plan__nonelective__formula <> 'none'
      THEN vesting.nonelective_share
    WHEN settings.plan__match__formula = 'none' AND settings.plan__profit_sharing__formula <> 'none'
      THEN vesting.profit_sharing_share
    ELSE vesting.match_share
  END AS vested_pct,
  plan_state.is_hce,
  {{ money('COALESCE(accounts.account_balance, 0)') }} AS account_balance,
  {{ money('COALESCE(accounts.vested_balance, 0)') }} AS vested_balance,
  NOW() AS snapshot_created_at
FROM people
CROSS JOIN settings
CROSS JOIN limits
INNER JOIN age_bands
  ON people.current_age = age_bands.age
INNER JOIN tenure_bands
  ON people.current_tenure = tenure_bands.tenure
INNER JOIN plan_state
  ON people.employee_id = plan_state.employee_id
INNER JOIN vesting
  ON people.employee_id = vesting.employee_id
LEFT JOIN accounts
  ON people.employee_id = accounts.employee_id
ORDER BY people.employee_id
