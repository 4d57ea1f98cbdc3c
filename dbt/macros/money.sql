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

{% macro money(amount) -%} CAST({{ amount }} AS DECIMAL(18, 6)) {%- endmacro %}

{% macro rate(value) -%} CAST({{ value }} AS DECIMAL(9, 6)) {%- endmacro %}

{# A share of reporting, six decimals half-up, exact; 0 where there is nothing to share. #}
{% macro ratio(numerator, denominator) -%}
  CASE
    WHEN {{ denominator }} > 0 THEN CAST({{ divide_half_up(
      micros(numerator) ~ ' * 1000000', micros(denominator)
    ) }} AS DECIMAL(12, 0)) * CAST(0.000001 AS DECIMAL(6, 6))
    ELSE 0
  END
{%- endmacro %}

{% macro micros(value) -%} CAST(CAST({{ value }} AS DECIMAL(30, 6)) * 1000000 AS HUGEINT) {%- endmacro %}
