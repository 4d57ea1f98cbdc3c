{# The promotion raise, lifted to the minimum of the new level's range. #}
{% macro promoted_pay(pay) -%}
  GREATEST({{ share_of(pay, '1 + promotion_raise') }}, CAST(next_level_minimum AS DECIMAL(18, 2)))
{%- endmacro %}

{#
  sequential: merit compounds on the pay of the day. cola_plus_merit: merit is a share of the pay before COLA,
  (1 + cola + merit) in total, whatever promotion lies between.
#}
{% macro merit_pay(pay) -%}
  CASE
    WHEN compounding = 'cola_plus_merit' AND has_cola THEN {{ from_cents(divide_half_up(
      cents(pay) ~ ' * CAST((1 + cola_rate + merit_rate) * 1000000 AS HUGEINT)',
      'CAST((1 + cola_rate) * 1000000 AS HUGEINT)'
    )) }}
    ELSE {{ share_of(pay, '1 + merit_rate') }}
  END
{%- endmacro %}
