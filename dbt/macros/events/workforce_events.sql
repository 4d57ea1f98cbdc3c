{#
  Branches of the event log. Each returns the columns that its events have, the writer stacks them by name and adds
  context (age, bands, token, ids, order, text). `sort_rank` orders events of one person on one day.
#}
{% macro events_hire_sql() %}
  SELECT
    people.employee_id,
    'hire' AS event_type,
    'new_hire' AS event_category,
    people.start_date AS effective_date,
    0 AS sort_rank,
    people.opening_compensation AS compensation_amount,
    people.level_id,
    TO_JSON(STRUCT_PACK(
      event_type := 'hire',
      employee_birth_date := people.employee_birth_date,
      level_id := people.level_id,
      annual_compensation := CAST(people.opening_compensation AS VARCHAR),
      scheduled_hours_per_week := CAST(CAST(people.scheduled_hours_per_week AS DECIMAL(9, 2)) AS VARCHAR)
    )) AS event_payload,
    parameters.new_hire_salary_adjustment_scenario_id AS parameter_scenario_id,
    parameters.new_hire_salary_adjustment_source AS parameter_source,
    'workforce_simulation' AS source_system
  FROM people
  INNER JOIN parameters
    ON people.level_id = parameters.level_id
  WHERE people.is_new_hire
{% endmacro %}

{% macro events_termination_sql() %}
  SELECT
    people.employee_id,
    'termination' AS event_type,
    CASE WHEN people.is_new_hire THEN 'new_hire_termination' ELSE 'experienced_termination' END AS event_category,
    people.exit_date AS effective_date,
    90 AS sort_rank,
    people.closing_compensation AS compensation_amount,
    people.exit_reason AS reason,
    people.closing_level_id AS level_id,
    people.exit_probability AS event_probability,
    TO_JSON(STRUCT_PACK(
      event_type := 'termination',
      termination_type := CASE
        WHEN people.is_new_hire THEN 'new_hire_termination'
        ELSE 'experienced_termination'
      END,
      reason := people.exit_reason,
      annual_compensation := CAST(people.closing_compensation AS VARCHAR)
    )) AS event_payload,
    settings.scenario_id AS parameter_scenario_id,
    'settings' AS parameter_source,
    'workforce_simulation' AS source_system
  FROM people
  CROSS JOIN settings
  WHERE people.exit_date IS NOT NULL
{% endmacro %}

{% macro events_cola_sql() %}
  SELECT
    people.employee_id,
    'cola' AS event_type,
    'cola' AS event_category,
    {{ year_start() }} AS effective_date,
    10 AS sort_rank,
    people.cola_compensation AS compensation_amount,
    people.opening_compensation AS previous_compensation,
    people.cola_rate AS rate,
    people.level_id,
    CAST(1 AS DOUBLE) AS event_probability,
    {{ raise_payload('cola', 'people.level_id', 'people.opening_compensation', 'people.cola_compensation', 'people.cola_rate') }}
      AS event_payload,
    parameters.cola_rate_scenario_id AS parameter_scenario_id,
    parameters.cola_rate_source AS parameter_source,
    'workforce_simulation' AS source_system
  FROM people
  INNER JOIN parameters
    ON people.level_id = parameters.level_id
  WHERE people.has_cola
{% endmacro %}

{% macro events_merit_sql() %}
  SELECT
    people.employee_id,
    'merit' AS event_type,
    'merit' AS event_category,
    people.merit_day AS effective_date,
    20 AS sort_rank,
    people.pay_after_merit AS compensation_amount,
    people.pay_before_merit AS previous_compensation,
    people.merit_rate AS rate,
    people.merit_level_id AS level_id,
    CAST(1 AS DOUBLE) AS event_probability,
    {{ raise_payload('merit', 'people.merit_level_id', 'people.pay_before_merit', 'people.pay_after_merit', 'people.merit_rate') }}
      AS event_payload,
    parameters.merit_base_scenario_id AS parameter_scenario_id,
    parameters.merit_base_source AS parameter_source,
    'workforce_simulation' AS source_system
  FROM people
  INNER JOIN parameters
    ON people.merit_level_id = parameters.level_id
  WHERE people.has_merit
{% endmacro %}

{% macro events_promotion_sql() %}
  SELECT
    people.employee_id,
    'promotion' AS event_type,
    'promotion' AS event_category,
    people.promotion_day AS effective_date,
    30 AS sort_rank,
    people.pay_after_promotion AS compensation_amount,
    people.pay_before_promotion AS previous_compensation,
    people.promotion_raise AS rate,
    people.closing_level_id AS level_id,
    people.promotion_probability AS event_probability,
    TO_JSON(STRUCT_PACK(
      event_type := 'promotion',
      previous_level := people.level_id,
      new_level := people.closing_level_id,
      previous_compensation := CAST(people.pay_before_promotion AS VARCHAR),
      new_compensation := CAST(people.pay_after_promotion AS VARCHAR),
      raise_rate := CAST(people.promotion_raise AS VARCHAR)
    )) AS event_payload,
    parameters.promotion_probability_scenario_id AS parameter_scenario_id,
    parameters.promotion_probability_source AS parameter_source,
    'workforce_simulation' AS source_system
  FROM people
  INNER JOIN parameters
    ON people.level_id = parameters.level_id
  WHERE people.has_promotion
{% endmacro %}

{% macro raise_payload(event_type, level_id, previous_compensation, new_compensation, rate) -%}
  TO_JSON(STRUCT_PACK(
      event_type := '{{ event_type }}',
      level_id := {{ level_id }},
      previous_compensation := CAST({{ previous_compensation }} AS VARCHAR),
      new_compensation := CAST({{ new_compensation }} AS VARCHAR),
      {{ event_type }}_rate := CAST({{ rate }} AS VARCHAR)
    ))
{%- endmacro %}
