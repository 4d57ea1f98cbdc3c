{#
  Plan state of everybody the year's plan events speak of: last year's state, or none, with the events folded in. Each
  reader scans the log for itself: kept as a table, the log would be copied with the text that only a few events need.
#}
{% macro folded_plan() %}
  WITH cohort AS (
    SELECT *
    FROM {{ ref('int_year_cohort') }}
  ),

  events AS NOT MATERIALIZED (
    SELECT *
    FROM {{ ref('fct_yearly_events') }}
    WHERE simulation_year = {{ var('simulation_year') }}
  ),

  entries AS (
    SELECT
      employee_id,
      effective_date AS eligibility_date,
      event_category AS eligibility_basis,
      CAST(event_payload ->> '$.plan_entry_date' AS DATE) AS plan_entry_date
    FROM events
    WHERE event_type = 'eligibility'
  ),

  elections AS (
    SELECT
      employee_id,
      MAX_BY(rate, event_sequence) AS deferral_rate,
      MAX_BY(effective_date, event_sequence) FILTER (WHERE event_type = 'enrollment') AS enrollment_date,
      MAX_BY(event_category, event_sequence) FILTER (WHERE event_type = 'enrollment') AS enrollment_method
    FROM events
    WHERE event_type IN ('enrollment', 'deferral_change', 'escalation')
    GROUP BY employee_id
  ),

  roth_shares AS (
    SELECT
      employee_id,
      MAX_BY(CAST(event_payload ->> '$.roth_share' AS DECIMAL(9, 6)), event_sequence) AS roth_share
    FROM events
    WHERE event_type = 'enrollment'
    GROUP BY employee_id
  ),

  money AS (
    SELECT
      employee_id,
      {% for source in contribution_sources() %}
      COALESCE(SUM(amount) FILTER (WHERE event_type = 'contribution' AND source = '{{ source }}'), 0) AS {{ source }},
      {% endfor %}
      SUM(amount) FILTER (WHERE event_category = 'excess_annual_addition') AS returned_additions,
      BOOL_OR(event_type = 'hce_status') AS is_hce
    FROM events
    WHERE event_type IN ('contribution', 'distribution', 'forfeiture', 'hce_status')
    GROUP BY employee_id
  ),

  reached_limits AS (
    SELECT
      employee_id,
      CAST(event_payload ->> '$.applicable_limit' AS DECIMAL(18, 2)) AS additions_limit
    FROM events
    WHERE event_category = '415c_limit_reached'
  ),

  people AS (
    SELECT employee_id
    FROM cohort
    UNION
    SELECT employee_id
    FROM events
    WHERE event_type = 'hire'
  )

  SELECT
    people.employee_id,
    COALESCE(cohort.eligibility_date, entries.eligibility_date) AS eligibility_date,
    COALESCE(cohort.eligibility_basis, entries.eligibility_basis) AS eligibility_basis,
    COALESCE(cohort.plan_entry_date, entries.plan_entry_date) AS plan_entry_date,
    cohort.census_entry_date,
    cohort.census_deferral_rate,
    cohort.census_roth_share,
    cohort.auto_escalation_opt_out,
    COALESCE(elections.enrollment_date, cohort.enrollment_date) AS enrollment_date,
    COALESCE(elections.enrollment_method, cohort.enrollment_method) AS enrollment_method,
    CAST(COALESCE(elections.deferral_rate, cohort.deferral_rate, 0) AS DECIMAL(9, 6)) AS deferral_rate,
    CAST(COALESCE(
      {{ elected_roth_share('roth_shares.roth_share', 'cohort.census_roth_share') }}, cohort.roth_share, 0
    ) AS DECIMAL(9, 6)) AS roth_share,
    {% for source in contribution_sources() %}
    COALESCE(money.{{ source }}, 0) AS {{ source }},
    {% endfor %}
    -- IRC 415(c)(2): catch-up is outside, allocated forfeitures are inside
    {{ corrected_additions(
      'money.employee_pre_tax + money.employee_roth + money.employer_match + money.employer_match_true_up
        + money.employer_nonelective + money.employer_profit_sharing + money.forfeiture_allocation
        - COALESCE(money.returned_additions, 0)',
      'reached_limits.additions_limit'
    ) }} AS annual_additions,
    COALESCE(money.is_hce, FALSE) AS is_hce
  FROM people
  LEFT JOIN cohort
    ON people.employee_id = cohort.employee_id
  LEFT JOIN entries
    ON people.employee_id = entries.employee_id
  LEFT JOIN elections
    ON people.employee_id = elections.employee_id
  LEFT JOIN roth_shares
    ON people.employee_id = roth_shares.employee_id
  LEFT JOIN money
    ON people.employee_id = money.employee_id
  LEFT JOIN reached_limits
    ON people.employee_id = reached_limits.employee_id
{% endmacro %}
