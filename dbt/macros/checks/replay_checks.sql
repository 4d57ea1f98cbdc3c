{#
  Replay: the census and the whole event log so far, without any snapshot in between, give the snapshot's state.
#}
{% macro check_replay() %}
  SELECT
    'replay' AS check_name,
    'error' AS severity,
    COUNT(*) AS checked_rows,
    COUNT(*) FILTER (
      WHERE snapshot.employee_id IS NULL
        OR replayed.employee_id IS NULL
        OR snapshot.level_id <> replayed.level_id
        OR snapshot.current_compensation <> replayed.current_compensation
        OR snapshot.employee_hire_date <> replayed.employee_hire_date
        OR snapshot.employee_birth_date <> replayed.employee_birth_date
        OR snapshot.termination_date IS DISTINCT FROM replayed.termination_date
        OR snapshot.termination_reason IS DISTINCT FROM replayed.termination_reason
        OR snapshot.eligibility_date IS DISTINCT FROM replayed.eligibility_date
        OR snapshot.plan_entry_date IS DISTINCT FROM replayed.plan_entry_date
        OR snapshot.enrollment_date IS DISTINCT FROM replayed.enrollment_date
        OR snapshot.enrollment_method IS DISTINCT FROM replayed.enrollment_method
        OR snapshot.deferral_rate <> replayed.deferral_rate
        OR snapshot.employee_pre_tax + snapshot.employee_roth + snapshot.employee_catch_up + snapshot.employer_match
          + snapshot.employer_nonelective + snapshot.employer_profit_sharing + snapshot.forfeiture_allocation
        <> replayed.contributions
    ) AS failing_rows,
    CAST(COUNT(snapshot.employee_id) AS DOUBLE) AS measured,
    CAST(COUNT(replayed.employee_id) AS DOUBLE) AS expected,
    'census + event log = snapshot' AS detail
  FROM (
    {{ replayed_state() }}
  ) AS replayed
  FULL OUTER JOIN snapshot
    ON replayed.employee_id = snapshot.employee_id
{% endmacro %}

{# A raise lost in the middle leaves the closing pay right: only the raise after it tells. #}
{% macro check_pay_chain() %}
  SELECT
    'pay_chain' AS check_name,
    'error' AS severity,
    COUNT(*) AS checked_rows,
    COUNT(*) FILTER (WHERE rate_before IS DISTINCT FROM rate_found) AS failing_rows,
    CAST(SUM(rate_before) AS DOUBLE) AS measured,
    CAST(SUM(rate_found) AS DOUBLE) AS expected,
    'every raise and exit starts from the pay after the event before, in dollars' AS detail
  FROM (
    SELECT
      rate_before,
      LAG(annual_rate) OVER (PARTITION BY employee_id ORDER BY simulation_year, event_sequence) AS rate_found
    FROM (
      {{ pay_history() }}
    )
  )
  WHERE rate_before IS NOT NULL
{% endmacro %}
