{# Rows of mon_data_quality about the year's compliance tests. A failed test is a finding, a wrong correction an error. #}
{% macro check_compliance_tests() %}
  SELECT
    'compliance_' || test AS check_name,
    'warn' AS severity,
    COUNT(*) AS checked_rows,
    COUNT(*) FILTER (WHERE NOT passed) AS failing_rows,
    CAST(MIN_BY(COALESCE(tested_value, 0), (passed, method)) AS DOUBLE) AS measured,
    CAST(MIN_BY(COALESCE(limit_value, 0), (passed, method)) AS DOUBLE) AS expected,
    MIN_BY(method || ': ' || detail, (passed, method)) AS detail
  FROM {{ ref('fct_compliance_tests') }}
  WHERE simulation_year = {{ var('simulation_year') }}
  GROUP BY test
{% endmacro %}

{#
  Per test: the excess allocated is the excess of the test; what is refunded, recharacterized and, of match, forfeited
  is the excess of the person; and the highly compensated with the ratios as levelled pass the test again.
#}
{% macro check_corrections() %}
  SELECT
    'compliance_corrections' AS check_name,
    'error' AS severity,
    COUNT(*) AS checked_rows,
    COUNT(*) FILTER (
      WHERE tests.excess_amount <> COALESCE(corrections.excess_amount, 0)
        OR tests.excess_amount <> COALESCE(corrections.levelled_amount, 0)
        OR COALESCE(corrections.unbalanced_rows, 0) > 0
        OR (NOT tests.passed AND retests.hce_average > tests.limit_value * 100)
    ) AS failing_rows,
    CAST(SUM(corrections.excess_amount) AS DOUBLE) AS measured,
    CAST(SUM(tests.excess_amount) AS DOUBLE) AS expected,
    'refunds, catch-up and forfeitures make up the excess, and the levelled ratios pass' AS detail
  FROM {{ ref('fct_compliance_tests') }} AS tests
  LEFT JOIN (
    SELECT
      test,
      SUM(excess_amount) AS excess_amount,
      SUM(levelled_amount) AS levelled_amount,
      COUNT(*) FILTER (
        WHERE refund_amount + recharacterized_as_catch_up + CASE test WHEN 'acp' THEN forfeited_match ELSE 0 END
          <> excess_amount
          OR LEAST(refund_amount, recharacterized_as_catch_up, forfeited_match) < 0
          OR excess_amount > tested_amount
      ) AS unbalanced_rows
    FROM {{ ref('fct_compliance_corrections') }}
    WHERE simulation_year = {{ var('simulation_year') }}
    GROUP BY test
  ) AS corrections
    ON tests.test = corrections.test
  LEFT JOIN (
    {{ retested_averages() }}
  ) AS retests
    ON tests.test = retests.test
  WHERE tests.simulation_year = {{ var('simulation_year') }}
    AND tests.test IN ('adp', 'acp')
{% endmacro %}

{# Average of the highly compensated after the ratios are levelled, in whole hundredths of a percent, by test. #}
{% macro retested_averages() %}
  SELECT
    levelled.test,
    {{ divide_half_up('SUM(levelled.ratio)', 'COUNT(*)') }} AS hce_average
  FROM (
    SELECT
      ratios.test,
      {{ divide_half_up('(ratios.tested_cents - ' ~ cents('COALESCE(corrections.levelled_amount, 0)') ~ ') * 10000', 'ratios.compensation_cents') }}
        AS ratio
    FROM (
      SELECT
        'adp' AS test,
        money.employee_id,
        {{ cents('money.regular_deferrals') }} AS tested_cents,
        GREATEST({{ cents('money.capped_compensation') }}, 1) AS compensation_cents
      FROM {{ ref('int_plan_money') }} AS money
      WHERE NOT money.is_long_term_part_time
      UNION ALL
      SELECT
        'acp' AS test,
        money.employee_id,
        {{ cents('(money.testing_match - COALESCE(refunds.forfeited_match, 0))') }} AS tested_cents,
        GREATEST({{ cents('money.capped_compensation') }}, 1) AS compensation_cents
      FROM {{ ref('int_plan_money') }} AS money
      INNER JOIN {{ ref('int_plan_year') }} AS people
        ON money.employee_id = people.employee_id
        AND people.is_match_eligible
        AND people.match_start_date <= people.last_date
      LEFT JOIN {{ ref('fct_compliance_corrections') }} AS refunds
        ON money.employee_id = refunds.employee_id
        AND refunds.test = 'adp'
        AND refunds.simulation_year = {{ var('simulation_year') }}
      WHERE NOT money.is_long_term_part_time
    ) AS ratios
    INNER JOIN {{ ref('int_hce') }} AS hce
      ON ratios.employee_id = hce.employee_id
      AND hce.is_hce
    LEFT JOIN {{ ref('fct_compliance_corrections') }} AS corrections
      ON ratios.employee_id = corrections.employee_id
      AND ratios.test = corrections.test
      AND corrections.simulation_year = {{ var('simulation_year') }}
  ) AS levelled
  GROUP BY levelled.test
{% endmacro %}
