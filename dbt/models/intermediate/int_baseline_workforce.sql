{{ config(tags=['genesis']) }}

WITH census AS (
  SELECT *
  FROM {{ ref('stg_census_data') }}
),

settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
)

SELECT
  census.scenario_id,
  census.plan_design_id,
  census.employee_id,
  census.employee_ssn,
  census.employee_birth_date,
  census.employee_hire_date,
  census.level_id,
  census.employee_gross_compensation AS current_compensation,
  census.job_title,
  census.department,
  census.scheduled_hours_per_week,
  -- pay actually earned in the year before; without it, the annual rate for the days employed in that year
  COALESCE(
    census.prior_year_gross_pay,
    CAST({{ from_cents(divide_half_up(
      cents('census.employee_gross_compensation')
        ~ " * (DATE_DIFF('day', GREATEST(census.employee_hire_date, MAKE_DATE(settings.simulation__start_year - 1, 1, 1)), "
        ~ "MAKE_DATE(settings.simulation__start_year - 1, 12, 31)) + 1)",
      "(DATE_DIFF('day', MAKE_DATE(settings.simulation__start_year - 1, 1, 1), MAKE_DATE(settings.simulation__start_year, 1, 1)))"
    )) }} AS DECIMAL(18, 6))
  ) AS prior_year_gross_pay,
  census.ownership_pct,
  census.is_officer,
  census.employee_deferral_rate,
  census.employee_roth_share,
  census.auto_escalation_opt_out,
  census.plan_entry_date,
  census.account_balance_employee,
  census.account_balance_employer
FROM census
CROSS JOIN settings
WHERE census.employee_termination_date IS NULL
  OR census.employee_termination_date > MAKE_DATE(settings.simulation__start_year - 1, 12, 31)
ORDER BY census.employee_id
