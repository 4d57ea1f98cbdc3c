{#
  ADP and ACP, IRC 401(k)(3) and 401(m)(2). Ratios and averages are whole hundredths of a percent
  (26 CFR 1.401(k)-2(a)(2)(i)), money whole cents. Each macro is a SELECT; relations are passed by name.
#}

{#
  Who is tested, with the facts of the tests: entered participants, zero deferrers included, long-term part-timers left
  out (401(k)(15)(B)). Deferrals exclude catch-up and withdrawals, testing pay is capped at 401(a)(17).
#}
{% macro tested_participants() %}
  SELECT
    money.employee_id,
    hce.is_hce,
    people.last_date,
    people.exit_date IS NOT NULL AND people.hours_in_year <= 500 AS left_with_few_hours,
    people.match_start_date > people.last_date AS waits_for_match,
    people.is_match_eligible AND people.match_start_date <= people.last_date AS may_be_matched,
    money.employer_nonelective + money.employer_profit_sharing + money.forfeiture_allocation AS nonelective_amount,
    money.catch_up_room_left,
    CAST({{ cents('money.capped_compensation') }} AS HUGEINT) AS compensation_cents,
    CAST({{ cents('money.regular_deferrals') }} AS HUGEINT) AS deferral_cents,
    CAST({{ cents('money.unmatched_deferrals') }} AS HUGEINT) AS unmatched_cents,
    money.matched_deferrals,
    money.match_compensation,
    money.match_tiers,
    CAST({{ cents('money.elective_deferrals') }} AS HUGEINT) AS elective_cents,
    CAST({{ cents('money.match_at_six_percent') }} AS HUGEINT) AS match_at_six_percent_cents,
    CAST({{ cents('money.testing_match') }} AS HUGEINT) AS match_cents
  FROM {{ ref('int_plan_money') }} AS money
  INNER JOIN {{ ref('int_plan_year') }} AS people
    ON money.employee_id = people.employee_id
  INNER JOIN {{ ref('int_hce') }} AS hce
    ON money.employee_id = hce.employee_id
  WHERE NOT money.is_long_term_part_time
{% endmacro %}

{#
  The ACP group: whoever may be matched, without the match that ADP refunds forfeit (26 CFR 1.401(m)-2(a)(5)(iv)). Match
  of an NHCE beyond the greatest of 5% of pay, the deferrals, and the deferrals at twice the representative rate is
  disproportionate and does not count (26 CFR 1.401(m)-2(a)(5)(ii)).
#}
{% macro matched_participants(participants, adp_corrections) %}
  SELECT
    participants.employee_id,
    participants.is_hce,
    participants.compensation_cents,
    CASE
      WHEN participants.is_hce THEN participants.match_cents - COALESCE(corrections.forfeited_cents, 0)
      ELSE LEAST(participants.match_cents, GREATEST(
        participants.compensation_cents // 20,
        participants.elective_cents,
        2 * representative.rate * participants.elective_cents // 1000000
      ))
    END AS match_cents
  FROM {{ participants }} AS participants
  CROSS JOIN settings
  CROSS JOIN (
    {{ representative_matching_rate(participants) }}
  ) AS representative
  LEFT JOIN {{ adp_corrections }} AS corrections
    ON participants.employee_id = corrections.employee_id
  WHERE participants.may_be_matched
    AND settings.plan__match__formula <> 'none'
{% endmacro %}

{#
  Of the NHCEs who defer and may be matched, the lowest matching rate of that half which is matched best or, if greater,
  of all employed at year end, in millionths. A person's rate is that of deferrals of 6% of pay, which stands for match
  that depends on how much is deferred (26 CFR 1.401(m)-2(a)(5)(ii)(B), (C)).
#}
{% macro representative_matching_rate(participants) %}
  SELECT GREATEST(
    LIST(rate ORDER BY rate DESC)[(COUNT(*) + 1) // 2],
    MIN(rate) FILTER (WHERE last_date = {{ year_end() }})
  ) AS rate
  FROM (
    SELECT
      last_date,
      {{ divide_half_up('match_at_six_percent_cents * 100000000', 'compensation_cents * 6') }} AS rate
    FROM {{ participants }}
    WHERE NOT is_hce
      AND may_be_matched
      AND elective_cents > 0
      AND compensation_cents > 0
  )
{% endmacro %}

{# The NHCE averages of the year before, and 3% where there is none (401(k)(3)(E), 401(m)(3)). #}
{% macro previous_averages() %}
  {{- reads_year_before('fct_compliance_tests') }}
  {%- if is_first_year() %}
  SELECT
    UNNEST(['adp', 'acp']) AS test,
    CAST(300 AS HUGEINT) AS nhce_average
  {%- else %}
  SELECT
    test,
    CAST(nhce_year_value * 100 AS HUGEINT) AS nhce_average
  FROM {{ source('previous_year', 'fct_compliance_tests') }}
  WHERE simulation_year = {{ var('simulation_year') }} - 1
    AND test IN ('adp', 'acp')
  {%- endif %}
{% endmacro %}

{# Ratio of each participant: the tested amount over testing pay. #}
{% macro participant_ratios(participants, tested_cents) %}
  SELECT
    employee_id,
    is_hce,
    compensation_cents,
    {{ tested_cents }} AS tested_cents,
    CASE
      WHEN compensation_cents > 0 THEN {{ divide_half_up('(' ~ tested_cents ~ ') * 10000', 'compensation_cents') }}
      ELSE 0
    END AS ratio
  FROM {{ participants }}
{% endmacro %}

{# One row: averages of both groups, the permitted average max(1.25n, min(2n, n + 2 points)), and whether it is kept. #}
{% macro ratio_test(test, ratios) %}
  WITH averages AS (
    SELECT
      COUNT(*) FILTER (WHERE is_hce) AS hce_count,
      COUNT(*) FILTER (WHERE NOT is_hce) AS nhce_count,
      CASE
        WHEN hce_count > 0 THEN {{ divide_half_up('SUM(ratio) FILTER (WHERE is_hce)', 'hce_count') }}
      END AS hce_average,
      CASE
        WHEN nhce_count > 0 THEN {{ divide_half_up('SUM(ratio) FILTER (WHERE NOT is_hce)', 'nhce_count') }}
      END AS nhce_year_average
    FROM {{ ratios }}
  ),

  compared AS (
    SELECT
      averages.*,
      settings.plan__match__safe_harbor <> 'none' AS is_exempt,
      settings.plan__compliance__adp_acp_method AS method,
      CASE settings.plan__compliance__adp_acp_method
        WHEN 'current' THEN averages.nhce_year_average
        WHEN 'prior' THEN (SELECT previous.nhce_average FROM previous_averages AS previous WHERE previous.test = '{{ test }}')
      END AS nhce_average
    FROM averages
    CROSS JOIN settings
  )

  SELECT
    compared.*,
    '{{ test }}' AS test,
    GREATEST(125 * nhce_average // 100, LEAST(2 * nhce_average, nhce_average + 200)) AS permitted_average,
    NOT is_exempt AND COALESCE(hce_average > permitted_average, FALSE) AS fails
  FROM compared
{% endmacro %}

{# Percent of whole hundredths of a percent. #}
{% macro percent(hundredths) -%} CAST({{ from_cents(hundredths) }} AS DECIMAL(18, 6)) {%- endmacro %}
