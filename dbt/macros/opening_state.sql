{#
  Everybody employed at 31 December of the previous year, with the state carried over: the census in the first year,
  last year's snapshot afterwards.
#}
{% macro opening_state() %}
  {%- if is_first_year() %}
  SELECT
    scenario_id,
    plan_design_id,
    employee_id,
    employee_ssn,
    employee_birth_date,
    employee_hire_date,
    level_id,
    CAST(current_compensation AS DECIMAL(18, 2)) AS opening_compensation,
    job_title,
    department,
    scheduled_hours_per_week,
    CAST(prior_year_gross_pay AS DECIMAL(18, 2)) AS prior_year_pay,
    ownership_pct,
    is_officer
  FROM {{ ref('int_baseline_workforce') }}
  {%- else %}
  SELECT
    scenario_id,
    plan_design_id,
    employee_id,
    employee_ssn,
    employee_birth_date,
    employee_hire_date,
    level_id,
    CAST(current_compensation AS DECIMAL(18, 2)) AS opening_compensation,
    job_title,
    department,
    scheduled_hours_per_week,
    CAST(prorated_annual_compensation AS DECIMAL(18, 2)) AS prior_year_pay,
    ownership_pct,
    is_officer
  FROM {{ source('previous_year', 'fct_workforce_snapshot') }}
  WHERE simulation_year = {{ var('simulation_year') }} - 1
    AND employment_status = 'active'
  {%- endif %}
{% endmacro %}
