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

former_participants AS (
  SELECT *
  FROM {{ ref('int_former_participants') }}
),

plan_year AS (
  SELECT *
  FROM {{ ref('int_plan_year') }}
),

plan_money AS (
  SELECT *
  FROM {{ ref('int_plan_money') }}
),

vesting AS (
  SELECT *
  FROM {{ ref('int_vesting') }}
),

leaver_accounts AS (
  SELECT *
  FROM {{ ref('int_leaver_accounts') }}
),

contributions AS (
  {{ contributions() }}
),

branches AS (
  {% for branch in [
    events_hire_sql(),
    events_hce_status_sql(),
    events_cola_sql(),
    events_merit_sql(),
    events_promotion_sql(),
    events_eligibility_sql(),
    events_enrollment_sql(),
    events_deferral_change_sql(),
    events_escalation_sql(),
    events_contribution_sql(),
    events_vesting_sql(),
    events_compliance_sql(),
    events_permissible_withdrawal_sql(),
    events_termination_sql(),
    events_correction_distribution_sql(),
    events_correction_forfeiture_sql(),
    events_distribution_sql(),
    events_forfeiture_sql(),
  ] %}
  {{ branch }}
  {% if not loop.last %}
  UNION ALL
  {% endif %}
  {% endfor %}
),

-- former participants have left the year's people, not the plan
context AS (
  SELECT
    people.scenario_id,
    people.plan_design_id,
    people.employee_id,
    people.employee_ssn,
    people.employee_birth_date,
    people.employee_hire_date,
    people.age,
    people.tenure,
    people.age_band,
    people.tenure_band
  FROM people
  UNION ALL
  SELECT
    scenario_id,
    plan_design_id,
    employee_id,
    employee_ssn,
    employee_birth_date,
    employee_hire_date,
    age,
    tenure,
    age_band,
    tenure_band
  FROM former_participants
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
    sequenced.* EXCLUDE (compensation_amount, level_id),
    context.scenario_id,
    context.plan_design_id,
    context.employee_ssn,
    COALESCE(sequenced.compensation_amount, {{ annual_rate_on('sequenced.effective_date') }}) AS compensation_amount,
    COALESCE(
      sequenced.level_id,
      CASE
        WHEN people.has_promotion AND people.promotion_day <= sequenced.effective_date THEN people.closing_level_id
        ELSE people.level_id
      END
    ) AS level_id,
    CASE
      WHEN sequenced.event_type = 'termination'
        THEN {{ attained_age('sequenced.effective_date', 'context.employee_birth_date') }}
      ELSE context.age
    END AS employee_age,
    CASE
      WHEN sequenced.event_type = 'termination'
        THEN {{ completed_tenure('sequenced.effective_date', 'context.employee_hire_date') }}
      ELSE context.tenure
    END AS employee_tenure,
    context.age_band,
    context.tenure_band
  FROM sequenced
  INNER JOIN context
    ON sequenced.employee_id = context.employee_id
  LEFT JOIN people
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
