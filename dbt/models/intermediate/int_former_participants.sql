-- people who left before this year, as they were at exit: context of the events that their accounts still cause
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

age_bands AS (
  {{ bands_by_value(source('inputs', 'age_bands'), 'min_age', 'max_age', 'age') }}
),

tenure_bands AS (
  {{ bands_by_value(source('inputs', 'tenure_bands'), 'min_tenure', 'max_tenure', 'tenure') }}
),

leavers AS (
  SELECT
    employee_id,
    employee_ssn,
    employee_birth_date,
    employee_hire_date,
    employee_termination_date AS termination_date,
    scheduled_hours_per_week,
    level_id,
    CAST(employee_gross_compensation AS DECIMAL(18, 2)) AS closing_compensation
  FROM {{ ref('stg_census_data') }}
  CROSS JOIN settings
  WHERE employee_termination_date < MAKE_DATE(settings.simulation__start_year, 1, 1)
    AND account_balance_employee + account_balance_employer > 0
  {{- reads_year_before('fct_workforce_snapshot') }}
  {%- if not is_first_year() %}
  UNION ALL
  SELECT
    employee_id,
    employee_ssn,
    employee_birth_date,
    employee_hire_date,
    termination_date,
    scheduled_hours_per_week,
    level_id,
    CAST(current_compensation AS DECIMAL(18, 2)) AS closing_compensation
  FROM {{ source('previous_year', 'fct_workforce_snapshot') }}
  WHERE simulation_year < {{ var('simulation_year') }}
    AND employment_status = 'terminated'
  {%- endif %}
),

aged AS (
  SELECT
    leavers.*,
    {{ attained_age(year_end(), 'leavers.employee_birth_date') }} AS age,
    {{ completed_tenure('leavers.termination_date', 'leavers.employee_hire_date') }} AS tenure
  FROM leavers
)

SELECT
  settings.scenario_id,
  settings.plan_design_id,
  aged.employee_id,
  aged.employee_ssn,
  aged.employee_birth_date,
  aged.employee_hire_date,
  aged.termination_date,
  aged.scheduled_hours_per_week,
  aged.level_id,
  aged.closing_compensation,
  aged.age,
  aged.tenure,
  age_bands.band AS age_band,
  tenure_bands.band AS tenure_band
FROM aged
CROSS JOIN settings
INNER JOIN age_bands
  ON aged.age = age_bands.age
INNER JOIN tenure_bands
  ON aged.tenure = tenure_bands.tenure
