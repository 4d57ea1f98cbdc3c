{# Cumulative intervals of a weighted list: a draw u picks the row with lower <= u * total < upper. #}
{% macro distribution(relation, value_column) %}
  SELECT
    {{ value_column }},
    SUM(weight) OVER (ORDER BY {{ value_column }}) - weight AS lower_bound,
    SUM(weight) OVER (ORDER BY {{ value_column }}) AS upper_bound,
    SUM(weight) OVER () AS total
  FROM {{ relation }}
{% endmacro %}

{% macro picked(uniform, distribution_alias) -%}
  {{ uniform }} * CAST({{ distribution_alias }}.total AS DOUBLE) >= {{ distribution_alias }}.lower_bound
    AND {{ uniform }} * CAST({{ distribution_alias }}.total AS DOUBLE) < {{ distribution_alias }}.upper_bound
{%- endmacro %}

{#
  Who leaves, among people with a positive hazard weight. `expected` people are expected to leave.
  exact: an exponential race; the `expected` smallest waiting times leave, ties by employee_id.
  hazard: independent draws against min(1, c * weight), with c such that the probabilities sum to `expected`.
  people: relation with employee_id, draw_key, exit_weight. Returns employee_id, exit_probability, leaves.
#}
{% macro weighted_exits(people, expected, decision) %}
  SELECT
    scaled.employee_id,
    scaled.exit_probability,
    CASE settings.workforce__termination_mode
      WHEN 'exact' THEN scaled.race_rank <= scaled.expected
      WHEN 'hazard' THEN scaled.uniform < scaled.exit_probability
    END AS leaves
  FROM (
    SELECT
      certain.*,
      CASE
        WHEN certain.is_certain THEN CAST(1 AS DOUBLE)
        WHEN certain.exit_weight = 0 THEN CAST(0 AS DOUBLE)
        ELSE ROUND(
          CAST((certain.expected - COUNT(*) FILTER (WHERE certain.is_certain) OVER ()) * certain.exit_weight AS DOUBLE)
          / CAST(SUM(certain.exit_weight) FILTER (WHERE NOT certain.is_certain) OVER () AS DOUBLE),
          12
        )
      END AS exit_probability,
      ROW_NUMBER() OVER (ORDER BY {{ race('certain.uniform', 'certain.exit_weight') }}, certain.employee_id) AS race_rank
    FROM (
      SELECT
        ordered.*,
        (ordered.expected - ordered.heavier) * ordered.exit_weight > ordered.remaining_weight
          AND ordered.expected > ordered.heavier AS is_certain
      FROM (
        SELECT
          people.employee_id,
          people.exit_weight,
          {{ draw(decision, 'people.draw_key') }} AS uniform,
          {{ expected }} AS expected,
          ROW_NUMBER() OVER (ORDER BY people.exit_weight DESC, people.employee_id) - 1 AS heavier,
          SUM(people.exit_weight) OVER (
            ORDER BY people.exit_weight DESC, people.employee_id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
          ) AS remaining_weight
        FROM {{ people }} AS people
        CROSS JOIN {{ ref('int_workforce_needs') }} AS needs
      ) AS ordered
    ) AS certain
  ) AS scaled
  CROSS JOIN {{ source('inputs', 'settings') }} AS settings
{% endmacro %}
