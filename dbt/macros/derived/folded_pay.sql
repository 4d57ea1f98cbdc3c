{#
  People of the year with the calendar and the pay that the event log gives them; reads a relation
  named plan_state (folded_plan).
#}
{% macro folded_pay() %}
  WITH cohort AS (
    SELECT *
    FROM {{ ref('int_year_cohort') }}
  ),

  events AS NOT MATERIALIZED (
    SELECT *
    FROM {{ ref('fct_yearly_events') }}
    WHERE simulation_year = {{ var('simulation_year') }}
      AND event_type IN ('hire', 'cola', 'merit', 'promotion', 'termination')
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
    FROM events
    WHERE event_type = 'hire'
  ),

  employed AS (
    SELECT
      people.*,
      exits.effective_date AS termination_date,
      exits.reason AS termination_reason,
      COALESCE(exits.effective_date, {{ year_end() }}) AS last_date
    FROM people
    LEFT JOIN events AS exits
      ON people.employee_id = exits.employee_id AND exits.event_type = 'termination'
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
      rate_changes.*,
      LEAD(rate_changes.effective_date, 1, employed.last_date + 1) OVER (
        PARTITION BY rate_changes.employee_id
        ORDER BY rate_changes.event_sequence
      ) - 1 AS segment_end,
      plan_state.plan_entry_date
    FROM rate_changes
    INNER JOIN employed
      ON rate_changes.employee_id = employed.employee_id
    LEFT JOIN plan_state
      ON rate_changes.employee_id = plan_state.employee_id
  ),

  pay AS (
    SELECT
      employee_id,
      MAX_BY(level_id, event_sequence) AS level_id,
      MAX_BY(annual_rate, event_sequence) AS current_compensation,
      SUM({{ cents('annual_rate') }} * (DATE_DIFF('day', effective_date, segment_end) + 1)) AS cent_days,
      SUM(DATE_DIFF('day', effective_date, segment_end) + 1) AS active_days,
      SUM(
        {{ cents('annual_rate') }}
        * GREATEST(0, DATE_DIFF('day', GREATEST(effective_date, plan_entry_date), segment_end) + 1)
      ) FILTER (WHERE plan_entry_date IS NOT NULL) AS plan_cent_days
    FROM rate_segments
    GROUP BY employee_id
  )

  SELECT
    employed.*,
    pay.level_id,
    pay.current_compensation,
    pay.cent_days,
    pay.active_days,
    COALESCE(pay.plan_cent_days, 0) AS plan_cent_days,
    {{ attained_age(year_end(), 'employed.employee_birth_date') }} AS current_age,
    {{ completed_tenure(year_end(), 'employed.employee_hire_date') }} AS current_tenure
  FROM employed
  INNER JOIN pay
    ON employed.employee_id = pay.employee_id
{% endmacro %}
