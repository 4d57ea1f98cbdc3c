-- the only writer of the event log: branches are macros over one scan of the year's people
WITH {{ event_facts() }},

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
  UNION ALL BY NAME
  {% endif %}
  {% endfor %}
),

-- former participants have left the year's people, not the plan; `person` is a whole number in the order of employee_id
context AS (
  SELECT
    everybody.*,
    settings.scenario_id,
    settings.plan_design_id,
    settings.scenario_id || '|' || settings.plan_design_id || '|{{ var('simulation_year') }}|' || everybody.employee_id || '|'
      AS person_key,
    ROW_NUMBER() OVER (ORDER BY everybody.employee_id) AS person
  FROM (
    SELECT
      employee_id,
      employee_ssn,
      employee_birth_date,
      employee_hire_date,
      age,
      tenure,
      age_band,
      tenure_band,
      level_id,
      closing_level_id,
      has_promotion,
      promotion_day,
      has_merit,
      merit_day,
      cola_compensation,
      pay_after_merit,
      pay_after_promotion
    FROM people
    UNION ALL BY NAME
    SELECT
      employee_id,
      employee_ssn,
      employee_birth_date,
      employee_hire_date,
      age,
      tenure,
      age_band,
      tenure_band
    FROM former_participants
  ) AS everybody
  CROSS JOIN settings
),

-- sorting moves every byte of a row: text of known values travels as enumerations, the rest is rendered afterwards
keyed AS (
  SELECT
    branches.* REPLACE (
      {{ as_enumeration('branches.event_type', event_types()) }} AS event_type,
      {{ as_enumeration('branches.source', contribution_sources()) }} AS source,
      {{ as_enumeration('branches.source_system', source_systems()) }} AS source_system
    ),
    context.person,
    DATE_DIFF('day', {{ year_start() }}, branches.effective_date) * 100 + branches.sort_rank AS moment
  FROM branches
  INNER JOIN context
    ON branches.employee_id = context.employee_id
),

-- one sort serves the log's order and the sequence, which is the place less the place of the person's first event; of
-- two contributions of a source and day the total tells which is the later
sequenced AS (
  SELECT
    keyed.* EXCLUDE (employee_id, sort_rank, moment),
    ROW_NUMBER() OVER in_order - RANK() OVER by_person + 1 AS event_sequence
  FROM keyed
  WINDOW
    in_order AS (ORDER BY person, moment, source, year_to_date),
    by_person AS (ORDER BY person)
),

described AS (
  SELECT
    sequenced.* EXCLUDE (compensation_amount, level_id, event_payload),
    people.scenario_id,
    people.plan_design_id,
    people.employee_id,
    people.employee_ssn,
    people.person_key,
    people.age_band,
    people.tenure_band,
    -- of an event that is not about pay, the annual rate of its day; the day's own raises count
    COALESCE(
      sequenced.compensation_amount,
      CASE
        WHEN people.has_promotion
          AND people.promotion_day <= sequenced.effective_date
          AND NOT (
            people.has_merit
            AND people.merit_day <= sequenced.effective_date
            AND people.merit_day > people.promotion_day
          ) THEN people.pay_after_promotion
        WHEN people.has_merit AND people.merit_day <= sequenced.effective_date THEN people.pay_after_merit
        ELSE people.cola_compensation
      END
    ) AS compensation_amount,
    COALESCE(
      sequenced.level_id,
      CASE
        WHEN people.has_promotion AND people.promotion_day <= sequenced.effective_date THEN people.closing_level_id
        ELSE people.level_id
      END
    ) AS level_id,
    CASE
      WHEN sequenced.event_type = 'contribution' THEN {{ contribution_payload('sequenced') }}
      ELSE sequenced.event_payload
    END AS event_payload,
    CASE
      WHEN sequenced.event_type = 'termination'
        THEN {{ attained_age('sequenced.effective_date', 'people.employee_birth_date') }}
      ELSE people.age
    END AS employee_age,
    CASE
      WHEN sequenced.event_type = 'termination'
        THEN {{ completed_tenure('sequenced.effective_date', 'people.employee_hire_date') }}
      ELSE people.tenure
    END AS employee_tenure
  FROM sequenced
  INNER JOIN context AS people
    ON sequenced.person = people.person
)

SELECT
  -- the digits as bytes: reading a UUID from text takes longer than the hash
  CAST(UNHEX(MD5(person_key || CAST(event_sequence AS VARCHAR))) AS UUID) AS event_id,
  scenario_id,
  plan_design_id,
  {{ var('simulation_year') }} AS simulation_year,
  employee_id,
  employee_ssn,
  CAST(event_type AS VARCHAR) AS event_type,
  event_category,
  event_sequence,
  effective_date,
  {{ event_details() }} AS event_details,
  {{ money('compensation_amount') }} AS compensation_amount,
  {{ money('previous_compensation') }} AS previous_compensation,
  {{ money('amount') }} AS amount,
  {{ rate('rate') }} AS rate,
  CAST(source AS VARCHAR) AS source,
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
  CAST(source_system AS VARCHAR) AS source_system,
  CAST(NULL AS VARCHAR) AS correlation_id,
  NOW() AS created_at
FROM described
