-- state at 31 December: the opening cohort with the year's events folded in; reads nothing else about people
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

age_bands AS (
  SELECT *
  FROM {{ source('inputs', 'age_bands') }}
),

tenure_bands AS (
  SELECT *
  FROM {{ source('inputs', 'tenure_bands') }}
),

cohort AS (
  SELECT *
  FROM {{ ref('int_year_cohort') }}
),

events AS (
  SELECT *
  FROM {{ ref('fct_yearly_events') }}
  WHERE simulation_year = {{ var('simulation_year') }}
),

hires AS (
  SELECT *
  FROM events
  WHERE event_type = 'hire'
),

people AS (
  SELECT
    employee_id,
    employee_ssn,
    employee_birth_date,
    employee_hire_date,
    job_title,
    department,
    scheduled_hours_per_week,
    ownership_pct,
    is_officer,
    FALSE AS is_new_hire,
    {{ year_start() }} AS start_date,
    level_id AS opening_level_id,
    opening_compensation
  FROM cohort
  UNION ALL
  SELECT
    employee_id,
    employee_ssn,
    CAST(event_payload ->> '$.employee_birth_date' AS DATE) AS employee_birth_date,
    effective_date AS employee_hire_date,
    CAST(NULL AS VARCHAR) AS job_title,
    CAST(NULL AS VARCHAR) AS department,
    CAST(event_payload ->> '$.scheduled_hours_per_week' AS DECIMAL(9, 6)) AS scheduled_hours_per_week,
    CAST(0 AS DECIMAL(9, 6)) AS ownership_pct,
    FALSE AS is_officer,
    TRUE AS is_new_hire,
    effective_date AS start_date,
    level_id AS opening_level_id,
    CAST(compensation_amount AS DECIMAL(18, 2)) AS opening_compensation
  FROM hires
),

exits AS (
  SELECT
    employee_id,
    effective_date AS termination_date,
    reason AS termination_reason
  FROM events
  WHERE event_type = 'termination'
),

employed AS (
  SELECT
    people.*,
    exits.termination_date,
    exits.termination_reason,
    COALESCE(exits.termination_date, {{ year_end() }}) AS last_date
  FROM people
  LEFT JOIN exits
    ON people.employee_id = exits.employee_id
),

rate_changes AS (
  SELECT
    employee_id,
    start_date AS effective_date,
    0 AS event_sequence,
    opening_level_id AS level_id,
    opening_compensation AS annual_rate
  FROM employed
  UNION ALL
  SELECT
    employee_id,
    effective_date,
    event_sequence,
    level_id,
    CAST(compensation_amount AS DECIMAL(18, 2)) AS annual_rate
  FROM events
  WHERE event_type IN ('cola', 'merit', 'promotion')
),

rate_segments AS (
  SELECT
    rate_changes.employee_id,
    rate_changes.event_sequence,
    rate_changes.level_id,
    rate_changes.annual_rate,
    DATE_DIFF(
      'day',
      rate_changes.effective_date,
      LEAD(rate_changes.effective_date, 1, employed.last_date + 1) OVER (
        PARTITION BY rate_changes.employee_id
        ORDER BY rate_changes.event_sequence
      )
    ) AS days
  FROM rate_changes
  INNER JOIN employed
    ON rate_changes.employee_id = employed.employee_id
),

pay AS (
  SELECT
    employee_id,
    MAX_BY(level_id, event_sequence) AS level_id,
    MAX_BY(annual_rate, event_sequence) AS current_compensation,
    SUM({{ cents('annual_rate') }} * days) AS cent_days,
    SUM(days) AS active_days
  FROM rate_segments
  GROUP BY employee_id
),

aged AS (
  SELECT
    employed.*,
    pay.level_id,
    pay.current_compensation,
    pay.cent_days,
    pay.active_days,
    {{ attained_age(year_end(), 'employed.employee_birth_date') }} AS current_age,
    {{ completed_tenure(year_end(), 'employed.employee_hire_date') }} AS current_tenure
  FROM employed
  INNER JOIN pay
    ON employed.employee_id = pay.employee_id
)

SELECT
  settings.scenario_id,
  settings.plan_design_id,
  {{ var('simulation_year') }} AS simulation_year,
  aged.employee_id,
  aged.employee_ssn,
  aged.employee_birth_date,
  aged.employee_hire_date,
  aged.termination_date,
  aged.termination_reason,
  CASE WHEN aged.termination_date IS NULL THEN 'active' ELSE 'terminated' END AS employment_status,
  CASE
    WHEN aged.is_new_hire AND aged.termination_date IS NULL THEN 'new_hire_active'
    WHEN aged.is_new_hire THEN 'new_hire_termination'
    WHEN aged.termination_date IS NULL THEN 'continuous_active'
    ELSE 'experienced_termination'
  END AS detailed_status_code,
  aged.level_id,
  aged.job_title,
  aged.department,
  aged.scheduled_hours_per_week,
  aged.ownership_pct,
  aged.is_officer,
  aged.current_age,
  aged.current_tenure,
  age_bands.band AS age_band,
  tenure_bands.band AS tenure_band,
  {{ money('aged.current_compensation') }} AS current_compensation,
  {{ money(from_cents(divide_half_up('aged.cent_days', days_in_year()))) }} AS prorated_annual_compensation,
  {{ money(from_cents(divide_half_up('aged.cent_days', 'aged.active_days'))) }} AS full_year_equivalent_compensation,
  NOW() AS snapshot_created_at
FROM aged
CROSS JOIN settings
INNER JOIN age_bands
  ON aged.current_age >= age_bands.min_age AND aged.current_age < age_bands.max_age
INNER JOIN tenure_bands
  ON aged.current_tenure >= tenure_bands.min_tenure AND aged.current_tenure < tenure_bands.max_tenure
ORDER BY aged.employee_id
