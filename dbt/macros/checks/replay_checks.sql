{#
  Replay: the census and the whole event log so far, without any snapshot in between, give the snapshot's state, column by
  column; its balances are those of the accounts, which have checks of their own.
#}
{% macro check_replay() %}
  SELECT
    'replay' AS check_name,
    'error' AS severity,
    COUNT(*) AS checked_rows,
    COUNT(*) FILTER (
      WHERE snapshot.employee_id IS NULL
        OR replayed.employee_id IS NULL
        {% for column in [
          'level_id', 'current_compensation', 'employee_hire_date', 'employee_birth_date', 'termination_date',
          'termination_reason', 'employment_status', 'detailed_status_code', 'eligibility_date', 'plan_entry_date',
          'is_participating', 'enrollment_date', 'enrollment_method', 'deferral_rate', 'roth_share', 'is_hce',
          'employee_pre_tax', 'employee_roth', 'employee_roth_catch_up', 'employer_match_true_up',
          'employer_nonelective', 'employer_profit_sharing', 'forfeiture_allocation', 'annual_additions'
        ] %}
        OR snapshot.{{ column }} IS DISTINCT FROM replayed.{{ column }}
        {% endfor %}
        OR snapshot.employee_catch_up <> replayed.employee_catch_up + replayed.employee_roth_catch_up
        OR snapshot.employer_match <> replayed.employer_match + replayed.employer_match_true_up
        OR snapshot.account_balance <> COALESCE(held.balance, 0)
        OR snapshot.vested_balance <> COALESCE(held.vested_balance, 0)
    ) AS failing_rows,
    CAST(COUNT(snapshot.employee_id) AS DOUBLE) AS measured,
    CAST(COUNT(replayed.employee_id) AS DOUBLE) AS expected,
    'census + event log = snapshot' AS detail
  FROM (
    {{ replayed_state() }}
  ) AS replayed
  FULL OUTER JOIN snapshot
    ON replayed.employee_id = snapshot.employee_id
  LEFT JOIN (
    SELECT
      employee_id,
      SUM(closing_balance) AS balance,
      SUM(vested_balance) AS vested_balance
    FROM accounts
    GROUP BY employee_id
  ) AS held
    ON snapshot.employee_id = held.employee_id
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
