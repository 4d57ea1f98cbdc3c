-- the only writer of the event log: branches are macros over one scan of the year's people
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

parameters AS (
  SELECT *
  FROM {{ ref('int_effective_parameters') }}
  WHERE simulation_year = {{ var('simulation_year') }}
),

people AS (
  SELECT *
  FROM {{ ref('int_person_year') }}
),

branches AS (
  {{ events_hire_sql() }}
  UNION ALL
  {{ events_cola_sql() }}
  UNION ALL
  {{ events_merit_sql() }}
  UNION ALL
  {{ events_promotion_sql() }}
  UNION ALL
  {{ events_termination_sql() }}
),

sequenced AS (
  SELECT
    branches.*,
    ROW_NUMBER() OVER (
      PARTITION BY branches.employee_id
      ORDER BY branches.effective_date, branches.sort_rank, branches.source
    ) AS event_sequence
  FROM branches
),

described AS (
  SELECT
    sequenced.*,
    people.scenario_id,
    people.plan_design_id,
    people.employee_ssn,
    CASE
      WHEN sequenced.event_type = 'termination'
        THEN {{ attained_age('sequenced.effective_date', 'people.employee_birth_date') }}
      ELSE people.age
    END AS employee_age,
    CASE
      WHEN sequenced.event_type = 'termination'
        THEN {{ completed_tenure('sequenced.effective_date', 'people.employee_hire_date') }}
      ELSE people.tenure
    END AS employee_tenure,
    people.age_band,
    people.tenure_band
  FROM sequenced
  INNER JOIN people
    ON sequenced.employee_id = people.employee_id
)

SELECT
  CAST(MD5(
    scenario_id || '|' || plan_design_id || '|{{ var('simulation_year') }}|' || employee_id || '|'
    || CAST(event_sequence AS VARCHAR)
  ) AS UUID) AS event_id,
  scenario_id,
  plan_design_id,
  {{ var('simulation_year') }} AS simulation_year,
  employee_id,
  employee_ssn,
  event_type,
  event_category,
  event_sequence,
  effective_date,
  {{ event_details() }} AS event_details,
  {{ money('compensation_amount') }} AS compensation_amount,
  {{ money('previous_compensation') }} AS previous_compensation,
  {{ money('amount') }} AS amount,
  {{ rate('rate') }} AS rate,
  source,
  reason,
  employee_age,
  employee_tenure,
  level_id,
  age_band,
  tenure_band,
  event_probability,
  event_payload,
  parameter_scenario_id,
  parameter_source,
  'valid' AS data_quality_flag,
  source_system,
  CAST(NULL AS VARCHAR) AS correlation_id,
  NOW() AS created_at
FROM described
ORDER BY employee_id, event_sequence
