{# All money is computed in whole cents, DECIMAL(18,2), and leaves as DECIMAL(18,6). #}

{# A rate of an amount, cents half-up: one rounding per posted amount. #}
{% macro share_of(amount, rate) -%}
  ROUND(CAST({{ amount }} AS DECIMAL(18, 2)) * CAST({{ rate }} AS DECIMAL(9, 6)), 2)
{%- endmacro %}

{% macro cents(amount) -%} CAST({{ amount }} * 100 AS BIGINT) {%- endmacro %}

{% macro from_cents(amount) -%} CAST({{ amount }} AS DECIMAL(16, 0)) * CAST(0.01 AS DECIMAL(2, 2)) {%- endmacro %}

{# Exact integer division, halves away from zero upwards; both sides whole numbers, numerator not negative. #}
{% macro divide_half_up(numerator, denominator) -%}
  ((2 * CAST({{ numerator }} AS HUGEINT) + ({{ denominator }})) // (2 * CAST({{ denominator }} AS HUGEINT)))
{%- endmacro %}

{#
  part / whole of a total in cents, half-up, exact. 128-bit division costs 15 times as much as 64-bit, so it is kept for
  numbers that need it. All three are whole and not negative.
#}
{% macro part_of(total, part, whole) -%}
  CASE
    WHEN {{ total }} < 2000000000 AND {{ part }} < 2000000000
      THEN (2 * {{ total }} * {{ part }} + CAST({{ whole }} AS BIGINT)) // (2 * CAST({{ whole }} AS BIGINT))
    ELSE CAST({{ divide_half_up('CAST(' ~ total ~ ' AS HUGEINT) * ' ~ part, whole) }} AS BIGINT)
  END
{%- endmacro %}

{% macro money(amount) -%} CAST({{ amount }} AS DECIMAL(18, 6)) {%- endmacro %}

{% macro rate(value) -%} CAST({{ value }} AS DECIMAL(9, 6)) {%- endmacro %}

{# A share or mean of reporting, six decimals half-up, exact; 0 where there is nothing to share. #}
{% macro ratio(numerator, denominator) -%}
  CASE
    WHEN {{ denominator }} > 0 THEN CAST({{ divide_half_up(
      micros(numerator) ~ ' * 1000000', micros(denominator)
    ) }} AS DECIMAL(18, 0)) * CAST(0.000001 AS DECIMAL(6, 6))
    ELSE 0
  END
{%- endmacro %}

{# A growth of reporting, 0 from nothing. Tiny pay may grow to more than the type of a rate holds. #}
{% macro growth(closing, opening) -%}
  CASE WHEN {{ opening }} > 0 THEN LEAST({{ ratio(closing, opening) }} - 1, 999) ELSE 0 END
{%- endmacro %}

{% macro micros(value) -%} CAST(CAST({{ value }} AS DECIMAL(30, 6)) * 1000000 AS HUGEINT) {%- endmacro %}
