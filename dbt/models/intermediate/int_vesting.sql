-- vesting service and vested shares at 31 December or at exit, and at 31 December of the year before (IRC 411(a))
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

schedules AS (
  SELECT
    LIST(vested_share ORDER BY service_years) FILTER (WHERE source = 'employer_match') AS match_shares,
    LIST(vested_share ORDER BY service_years) FILTER (WHERE source = 'employer_nonelective') AS nonelective_shares,
    LIST(vested_share ORDER BY service_years) FILTER (WHERE source = 'employer_profit_sharing') AS profit_sharing_shares
  FROM {{ source('inputs', 'vesting_schedules') }}
),

-- people who left before the first year bring their balance in the census: their service ended with their exit
people AS (
  SELECT
    employee_id,
    employee_birth_date,
    employee_hire_date,
    last_date,
    scheduled_hours_per_week,
    eligibility_basis,
    plan_entry_date
  FROM {{ ref('int_plan_year') }}
  {%- if is_first_year() %}
  UNION ALL
  SELECT
    employee_id,
    employee_birth_date,
    employee_hire_date,
    termination_date AS last_date,
    scheduled_hours_per_week,
    'service' AS eligibility_basis,
    CAST(NULL AS DATE) AS plan_entry_date
  FROM {{ ref('int_former_participants') }}
  {%- endif %}
),

dated AS (
  SELECT
    people.*,
    LEAST(people.last_date, {{ year_start() }} - 1) AS previous_date,
    CASE WHEN people.eligibility_basis = 'long_term_part_time' THEN 500 ELSE 1000 END AS required_hours
  FROM people
),

counted AS (
  SELECT
    dated.*,
    {{ vesting_service('dated.employee_hire_date', 'dated.previous_date', 'dated.scheduled_hours_per_week', 'dated.required_hours') }}
      AS previous_service_years,
    {{ vesting_service('dated.employee_hire_date', 'dated.last_date', 'dated.scheduled_hours_per_week', 'dated.required_hours') }}
      AS service_years,
    {{ attained_age('dated.previous_date', 'dated.employee_birth_date') }} >= settings.plan__vesting__normal_retirement_age
      AS was_of_retirement_age,
    {{ attained_age('dated.last_date', 'dated.employee_birth_date') }} >= settings.plan__vesting__normal_retirement_age
      AS is_of_retirement_age
  FROM dated
  CROSS JOIN settings
),

shared AS (
  SELECT
    counted.*,
    {%- for source in ['match', 'nonelective', 'profit_sharing'] %}
    CASE
      WHEN counted.was_of_retirement_age THEN CAST(1 AS DECIMAL(9, 6))
      ELSE {{ scheduled_share('schedules.' ~ source ~ '_shares', 'counted.previous_service_years') }}
    END AS previous_{{ source }}_share,
    CASE
      WHEN counted.is_of_retirement_age THEN CAST(1 AS DECIMAL(9, 6))
      ELSE {{ scheduled_share('schedules.' ~ source ~ '_shares', 'counted.service_years') }}
    END AS {{ source }}_share,
    {%- endfor %}
    settings.plan__vesting__service AS service_method
  FROM counted
  CROSS JOIN schedules
  CROSS JOIN settings
)

SELECT
  employee_id,
  plan_entry_date,
  CAST(service_years AS INTEGER) AS service_years,
  previous_match_share,
  match_share,
  previous_nonelective_share,
  nonelective_share,
  previous_profit_sharing_share,
  profit_sharing_share,
  CASE
    WHEN match_share = previous_match_share
      AND nonelective_share = previous_nonelective_share
      AND profit_sharing_share = previous_profit_sharing_share THEN NULL
    WHEN is_of_retirement_age AND NOT was_of_retirement_age
      THEN GREATEST({{ anniversary('employee_birth_date', year_start()) }}, employee_hire_date)
    WHEN service_method = 'elapsed_time' THEN {{ anniversary('employee_hire_date', year_start()) }}
    ELSE last_date
  END AS change_date
FROM shared
ORDER BY employee_id
