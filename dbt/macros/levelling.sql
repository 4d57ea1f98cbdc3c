{# How much a failed test takes back, and from whom; relations are passed by name, money is whole cents. #}

{#
  The amount to correct, by levelling ratios (401(k)(8)(B), 26 CFR 1.401(k)-2(b)(2)(ii)): the highest ratio is lowered
  to the next and so on until the average is the permitted one. In closed form: the people cut are the longest list by
  falling ratio for which levelling all of them to the last one's ratio is not more than needed; their common level is
  then (sum of their ratios - needed) / number of them. The cut is taken from actual dollars, up to the next cent.
#}
{% macro ratio_levelling(ratios, test) %}
  WITH ranked AS (
    SELECT
      ratios.*,
      ROW_NUMBER() OVER by_ratio AS place,
      SUM(ratios.ratio) OVER (by_ratio ROWS UNBOUNDED PRECEDING) AS ratios_so_far,
      SUM(ratios.ratio) OVER () - test.hce_count * test.permitted_average AS needed
    FROM {{ ratios }} AS ratios
    INNER JOIN {{ test }} AS test
      ON ratios.is_hce AND test.fails
    WINDOW by_ratio AS (ORDER BY ratios.ratio DESC, ratios.employee_id)
  ),

  level AS (
    SELECT
      MAX(place) AS people,
      MAX(ratios_so_far) - MAX(needed) AS ratios_left
    FROM ranked
    WHERE ratios_so_far - place * ratio < needed
  )

  SELECT
    ranked.employee_id,
    ranked.tested_cents,
    CASE
      WHEN ranked.place <= level.people THEN GREATEST(
        0, ranked.tested_cents - (ranked.compensation_cents * level.ratios_left) // (10000 * level.people)
      )
      ELSE 0
    END AS levelled_cents
  FROM ranked
  CROSS JOIN level
{% endmacro %}

{#
  Who bears the amount, by levelling dollars (401(k)(8)(C)): the largest contribution is lowered to the next and so on
  until the amount is used up. The same closed form; cents that do not divide stay with the last people levelled.
#}
{% macro dollar_levelling(levelled) %}
  WITH ranked AS (
    SELECT
      *,
      ROW_NUMBER() OVER by_amount AS place,
      SUM(tested_cents) OVER (by_amount ROWS UNBOUNDED PRECEDING) AS amounts_so_far,
      SUM(levelled_cents) OVER () AS needed
    FROM {{ levelled }}
    WINDOW by_amount AS (ORDER BY tested_cents DESC, employee_id)
  ),

  level AS (
    SELECT
      MAX(place) AS people,
      MAX(amounts_so_far) - MAX(needed) AS amounts_left
    FROM ranked
    WHERE amounts_so_far - place * tested_cents < needed
  )

  SELECT
    ranked.employee_id,
    ranked.tested_cents,
    ranked.levelled_cents,
    CASE
      WHEN ranked.place <= level.people THEN
        ranked.tested_cents
        - level.amounts_left // level.people
        - CASE WHEN ranked.place > level.people - level.amounts_left % level.people THEN 1 ELSE 0 END
      ELSE 0
    END AS excess_cents
  FROM ranked
  CROSS JOIN level
{% endmacro %}
