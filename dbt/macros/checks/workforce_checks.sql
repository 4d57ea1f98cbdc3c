{#
  Invariants as rows: each check is a SELECT with the columns below; mon_data_quality stacks them and the runner stops
  on any error row with failing_rows > 0 before anything is published.
#}
{% macro check_headcount() %}
  SELECT
    'headcount_conservation' AS check_name,
    'error' AS severity,
    1 AS checked_rows,
    CASE
      WHEN opening_headcount + hires - experienced_terminations - new_hire_terminations = closing_headcount THEN 0
      ELSE 1
    END AS failing_rows,
    CAST(closing_headcount AS DOUBLE) AS measured,
    CAST(opening_headcount + hires - experienced_terminations - new_hire_terminations AS DOUBLE) AS expected,
    'opening + hires - terminations = closing headcount' AS detail
  FROM summary
{% endmacro %}

{% macro check_headcount_solve() %}
  SELECT
    'headcount_solve' AS check_name,
    'error' AS severity,
    1 AS checked_rows,
    CASE
      WHEN settings.workforce__termination_mode = 'hazard' AND needs.hires = summary.hires THEN 0
      WHEN needs.hires = summary.hires
        AND needs.experienced_terminations = summary.experienced_terminations
        AND needs.new_hire_terminations = summary.new_hire_terminations
        AND needs.closing_headcount = summary.closing_headcount THEN 0
      ELSE 1
    END AS failing_rows,
    CAST(summary.closing_headcount AS DOUBLE) AS measured,
    CAST(needs.closing_headcount AS DOUBLE) AS expected,
    'hires and exits are the solved numbers' AS detail
  FROM summary
  CROSS JOIN {{ ref('int_workforce_needs') }} AS needs
  CROSS JOIN settings
{% endmacro %}

{#
  Nobody leaves with more than certainty: where fewer people have a hazard than must leave, their probabilities fall short
  of the exits. The exact race would then take people whom the hazards spare, independent draws would keep too many.
#}
{% macro check_exit_hazards() %}
  SELECT
    'exit_hazards' AS check_name,
    'error' AS severity,
    chances.people AS checked_rows,
    ROUND(
      ABS(needs.experienced_terminations - chances.experienced) + ABS(needs.new_hire_terminations - chances.new_hires)
    ) AS failing_rows,
    ROUND(chances.experienced + chances.new_hires, 6) AS measured,
    CAST(needs.experienced_terminations + needs.new_hire_terminations AS DOUBLE) AS expected,
    'fewer people have a termination multiplier above zero than must leave: lower the termination rates or raise the growth'
      AS detail
  FROM (
    SELECT
      COUNT(*) AS people,
      COALESCE(SUM(exit_probability) FILTER (WHERE NOT is_new_hire), 0) AS experienced,
      COALESCE(SUM(exit_probability) FILTER (WHERE is_new_hire), 0) AS new_hires
    FROM {{ ref('int_person_year') }}
  ) AS chances
  CROSS JOIN {{ ref('int_workforce_needs') }} AS needs
{% endmacro %}

{% macro check_payroll() %}
  SELECT
    'payroll_conservation' AS check_name,
    'error' AS severity,
    1 AS checked_rows,
    CASE
      WHEN opening_payroll + cola_payroll + merit_payroll + promotion_payroll + hire_payroll - exit_payroll
        = closing_payroll THEN 0
      ELSE 1
    END AS failing_rows,
    CAST(closing_payroll AS DOUBLE) AS measured,
    CAST(
      opening_payroll + cola_payroll + merit_payroll + promotion_payroll + hire_payroll - exit_payroll
    AS DOUBLE) AS expected,
    'opening rates + raises + hires - exits = closing rates, to the cent' AS detail
  FROM summary
{% endmacro %}

{% macro check_calendar() %}
  SELECT
    'calendar' AS check_name,
    'error' AS severity,
    COUNT(*) AS checked_rows,
    COUNT(*) FILTER (
      WHERE YEAR(events.effective_date) <> events.simulation_year
        OR events.effective_date < snapshot.employee_hire_date
        OR (
          events.effective_date > snapshot.termination_date
          AND events.event_type NOT IN ('distribution', 'forfeiture')
        )
        OR (
          events.effective_date = snapshot.termination_date
          AND events.event_type IN ('cola', 'merit', 'promotion')
        )
        OR (
          snapshot.employee_id IS NULL
          AND events.event_type NOT IN ('distribution', 'forfeiture')
        )
    ) AS failing_rows,
    CAST(NULL AS DOUBLE) AS measured,
    CAST(NULL AS DOUBLE) AS expected,
    'every event lies inside the year and the person''s active window' AS detail
  FROM events
  LEFT JOIN snapshot
    ON events.employee_id = snapshot.employee_id
{% endmacro %}

{% macro check_event_identity() %}
  SELECT
    'event_identity' AS check_name,
    'error' AS severity,
    COUNT(*) AS checked_rows,
    COUNT(*) - COUNT(DISTINCT event_id) + COUNT(*) FILTER (WHERE event_sequence < 1) AS failing_rows,
    CAST(COUNT(DISTINCT event_id) AS DOUBLE) AS measured,
    CAST(COUNT(*) AS DOUBLE) AS expected,
    'event_id, made of person, year and sequence, is unique' AS detail
  FROM events
{% endmacro %}

{% macro check_census_reconciliation() %}
  SELECT
    'census_reconciliation' AS check_name,
    'error' AS severity,
    load.source_rows AS checked_rows,
    ABS(load.source_rows - load.accepted_rows - load.rejected_rows) + ABS(load.accepted_rows - staged.staged_rows)
      AS failing_rows,
    CAST(staged.staged_rows AS DOUBLE) AS measured,
    CAST(load.accepted_rows AS DOUBLE) AS expected,
    FORMAT('{} rows in the file, {} accepted, {} rejected', load.source_rows, load.accepted_rows, load.rejected_rows)
      AS detail
  FROM {{ source('inputs', 'census_load') }} AS load
  CROSS JOIN (
    SELECT COUNT(*) AS staged_rows
    FROM {{ ref('stg_census_data') }}
  ) AS staged
{% endmacro %}

{% macro check_census_drift() %}
  SELECT
    'census_drift_' || measure AS check_name,
    'warn' AS severity,
    current_rows AS checked_rows,
    CASE WHEN drifted THEN 1 ELSE 0 END AS failing_rows,
    CAST(statistic AS DOUBLE) AS measured,
    CAST(threshold AS DOUBLE) AS expected,
    FORMAT('Kolmogorov-Smirnov distance to the previous census, p = {:.4f}', CAST(p_value AS DOUBLE)) AS detail
  FROM {{ source('inputs', 'census_drift') }}
{% endmacro %}
