{# Branches of the plan family. They expect the CTEs plan_year (int_plan_year), contributions and settings. #}
{% macro events_eligibility_sql() %}
  SELECT
    employee_id,
    'eligibility' AS event_type,
    eligibility_basis AS event_category,
    GREATEST(satisfied_date, start_date) AS effective_date,
    40 AS sort_rank,
    TO_JSON(STRUCT_PACK(
      event_type := 'eligibility',
      satisfied_date := satisfied_date,
      plan_entry_date := GREATEST(scheduled_entry_date, satisfied_date),
      basis := eligibility_basis
    )) AS event_payload,
    'plan_design' AS parameter_source,
    'plan_administration' AS source_system
  FROM plan_year
  WHERE is_newly_eligible
{% endmacro %}

{% macro events_enrollment_sql() %}
  SELECT
    plan_year.employee_id,
    'enrollment' AS event_type,
    {{ enrollment_method('plan_year.first_kind') }} AS event_category,
    plan_year.first_date AS effective_date,
    CASE WHEN plan_year.first_kind = 'auto' THEN 52 ELSE 50 END AS sort_rank,
    plan_year.first_rate AS rate,
    TO_JSON(STRUCT_PACK(
      event_type := 'enrollment',
      method := {{ enrollment_method('plan_year.first_kind') }},
      deferral_rate := {{ rate_text('plan_year.first_rate') }},
      roth_share := {{ rate_text('plan_year.roth_share') }},
      opt_out_deadline := CASE
        WHEN plan_year.first_kind = 'auto'
          THEN plan_year.first_date + settings.plan__automatic_enrollment__opt_out_window_days
      END
    )) AS event_payload,
    CASE WHEN plan_year.first_kind = 'auto' THEN 'plan_design' ELSE 'behavior' END AS parameter_source,
    'plan_administration' AS source_system
  FROM plan_year
  CROSS JOIN settings
  WHERE plan_year.first_kind IN ('census', 'opening', 'voluntary', 'auto', 'late')
{% endmacro %}

{# Elections that stood on the opening day, given or imputed, are the census'; late enrollment is voluntary. #}
{% macro enrollment_method(kind) -%}
  CASE {{ kind }}
    WHEN 'auto' THEN 'auto'
    WHEN 'census' THEN 'census'
    WHEN 'opening' THEN 'census'
    ELSE 'voluntary'
  END
{%- endmacro %}

{% macro rate_text(rate) -%} CAST(CAST({{ rate }} AS DECIMAL(9, 4)) AS VARCHAR) {%- endmacro %}

{% macro events_escalation_sql() %}
  SELECT
    plan_year.employee_id,
    'escalation' AS event_type,
    'automatic_increase' AS event_category,
    plan_year.first_date AS effective_date,
    60 AS sort_rank,
    plan_year.first_rate AS rate,
    CAST(settings.behavior__escalation_acceptance_rate AS DOUBLE) AS event_probability,
    TO_JSON(STRUCT_PACK(
      event_type := 'escalation',
      previous_rate := {{ rate_text('plan_year.opening_deferral_rate') }},
      new_rate := {{ rate_text('plan_year.first_rate') }},
      cap := {{ rate_text('settings.plan__escalation__cap') }}
    )) AS event_payload,
    'plan_design' AS parameter_source,
    'plan_administration' AS source_system
  FROM plan_year
  CROSS JOIN settings
  WHERE plan_year.first_kind = 'escalation'
{% endmacro %}

{% macro events_deferral_change_sql() %}
  SELECT
    employee_id,
    'deferral_change' AS event_type,
    CASE WHEN second_kind = 'opt_out' THEN 'opt_out' ELSE 'election' END AS event_category,
    second_date AS effective_date,
    55 AS sort_rank,
    second_rate AS rate,
    TO_JSON(STRUCT_PACK(
      event_type := 'deferral_change',
      change := CASE WHEN second_kind = 'opt_out' THEN 'opt_out' ELSE 'election' END,
      previous_rate := {{ rate_text('COALESCE(first_rate, opening_deferral_rate)') }},
      new_rate := {{ rate_text('second_rate') }},
      roth_share := {{ rate_text('roth_share') }}
    )) AS event_payload,
    'behavior' AS parameter_source,
    'plan_administration' AS source_system
  FROM plan_year
  WHERE second_kind IS NOT NULL
{% endmacro %}

{# Five of six events are contributions: their payload is rendered by the writer after sorting, from typed columns. #}
{% macro events_contribution_sql() %}
  SELECT
    employee_id,
    'contribution' AS event_type,
    CASE WHEN source LIKE 'employee%' THEN 'employee' ELSE 'employer' END AS event_category,
    pay_date AS effective_date,
    70 AS sort_rank,
    period_compensation AS compensation_amount,
    amount,
    rate,
    source,
    'plan_design' AS parameter_source,
    'plan_administration' AS source_system,
    year_to_date
  FROM contributions
{% endmacro %}

{% macro contribution_payload(events) -%}
  TO_JSON(STRUCT_PACK(
      event_type := 'contribution',
      source := CAST({{ events }}.source AS VARCHAR),
      amount := CAST({{ events }}.amount AS VARCHAR),
      pay_date := {{ events }}.effective_date,
      period_compensation := CAST({{ events }}.compensation_amount AS VARCHAR),
      year_to_date := CAST({{ events }}.year_to_date AS VARCHAR)
    ))
{%- endmacro %}
