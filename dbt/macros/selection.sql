{# A weighted list as intervals of [0, 1): a draw u picks the last row with lower_bound <= u. #}
{% macro choice_bounds(relation, value_column) %}
  SELECT
    {{ value_column }},
    CAST(SUM(weight) OVER (ORDER BY {{ value_column }}) - weight AS DOUBLE)
    / CAST(SUM(weight) OVER () AS DOUBLE) AS lower_bound
  FROM {{ relation }}
  WHERE weight > 0
{% endmacro %}

{#
  Who leaves, among people with a positive hazard weight. `expected` people are expected to leave.
  exact: an exponential race; the `expected` smallest waiting times leave, ties by employee_id.
  hazard: independent draws against min(1, c * weight), with c such that the probabilities sum to `expected`.
  people: relation with employee_id, draw_key, exit_weight. Returns employee_id, exit_probability, leaves.
#}
{% macro weighted_exits(people, expected, decision) %}
  WITH candidates AS (
    SELECT
      people.employee_id,
      people.exit_weight,
      {{ draw(decision, 'people.draw_key') }} AS uniform,
      {{ expected }} AS expected
    FROM {{ people }} AS people
    CROSS JOIN {{ ref('int_workforce_needs') }} AS needs
  ),

  ordered AS (
    SELECT
      *,
      ROW_NUMBER() OVER (ORDER BY exit_weight DESC, employee_id) - 1 AS heavier,
      SUM(exit_weight) OVER (
        ORDER BY exit_weight DESC, employee_id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
      ) AS remaining_weight
    FROM candidates
  ),

  -- people so heavy that even a sure exit falls short of their share
  certain AS (
    SELECT
      *,
      expected > heavier AND (expected - heavier) * exit_weight > remaining_weight AS is_certain
    FROM ordered
  ),

  scale AS (
    SELECT
      COUNT(*) FILTER (WHERE is_certain) AS certain_exits,
      SUM(exit_weight) FILTER (WHERE NOT is_certain) AS shared_weight
    FROM certain
  ),

  scored AS (
    SELECT
      certain.employee_id,
      certain.uniform,
      certain.expected,
      {{ race('certain.uniform', 'certain.exit_weight') }} AS waiting_time,
      CASE
        WHEN certain.is_certain THEN CAST(1 AS DOUBLE)
        WHEN certain.exit_weight = 0 THEN CAST(0 AS DOUBLE)
        ELSE ROUND(
          CAST((certain.expected - scale.certain_exits) * certain.exit_weight AS DOUBLE)
          / CAST(scale.shared_weight AS DOUBLE),
          12
        )
      END AS exit_probability
    FROM certain
    CROSS JOIN scale
  )

  SELECT
    scored.employee_id,
    scored.exit_probability,
    CASE settings.workforce__termination_mode
      WHEN 'exact' THEN ROW_NUMBER() OVER (ORDER BY scored.waiting_time, scored.employee_id) <= scored.expected
      WHEN 'hazard' THEN scored.uniform < scored.exit_probability
    END AS leaves
  FROM scored
  CROSS JOIN {{ source('inputs', 'settings') }} AS settings
{% endmacro %}

{#
  A band table with one row for every whole value of its bands, so that people meet their band by equality. Open ends
  reach 200 years, beyond the oldest of a census at the end of the longest run.
#}
{% macro bands_by_value(relation, lower, upper, value_column) %}
  SELECT
    *,
    UNNEST(RANGE(CAST({{ lower }} AS BIGINT), CAST(LEAST({{ upper }}, 200) AS BIGINT))) AS {{ value_column }}
  FROM {{ relation }}
{% endmacro %}
