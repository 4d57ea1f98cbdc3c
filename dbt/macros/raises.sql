{# The promotion raise, lifted to the minimum of the new level's range. #}
{% macro promoted_pay(pay) -%}
  GREATEST({{ share_of(pay, '1 + promotion_raise') }}, CAST(next_level_minimum AS DECIMAL(18, 2)))
{%- endmacro %}

{#
  sequential: merit compounds on the pay of the day. cola_plus_merit: merit is a share of the pay before COLA; a promotion
  between them raises that pay as it raised the pay of the day.
#}
{% macro merit_pay(pay) -%}
  CASE
    WHEN compounding = 'cola_plus_merit' AND has_cola THEN {{ from_cents(divide_half_up(
      'CAST(' ~ cents(pay) ~ ' AS HUGEINT) * (' ~ cents('cola_compensation') ~ ' * 1000000 + '
        ~ cents('opening_compensation') ~ ' * ' ~ micros('merit_rate') ~ ')',
      cents('cola_compensation') ~ ' * 1000000'
    )) }}
    ELSE {{ share_of(pay, '1 + merit_rate') }}
  END
{%- endmacro %}
