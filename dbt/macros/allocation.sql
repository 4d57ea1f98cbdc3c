{#
  A pool shared out in proportion to a basis, to the cent: running totals are rounded, so the shares sum to the pool.
  pool and basis in dollars; people are ordered by basis and id, so the same cents go to the same people.
#}
{% macro pro_rata(pool, basis) -%}
  CASE
    WHEN SUM({{ basis }}) OVER () > 0 THEN {{ from_cents(
      divide_half_up(
        'CAST(' ~ cents(pool) ~ ' AS HUGEINT) * CAST(SUM(' ~ cents(basis) ~ ') OVER running AS HUGEINT)',
        'CAST(SUM(' ~ cents(basis) ~ ') OVER () AS HUGEINT)'
      ) ~ ' - ' ~ divide_half_up(
        'CAST(' ~ cents(pool) ~ ' AS HUGEINT) * CAST(SUM(' ~ cents(basis) ~ ') OVER running - ' ~ cents(basis) ~ ' AS HUGEINT)',
        'CAST(SUM(' ~ cents(basis) ~ ') OVER () AS HUGEINT)'
      )
    ) }}
    ELSE 0
  END
{%- endmacro %}
