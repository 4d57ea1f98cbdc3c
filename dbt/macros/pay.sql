{#
  Pay of a window of days, from the annual rates of the person-year: first_rate until first_raise_date, second_rate
  until second_raise_date, third_rate afterwards.
#}

{% macro overlap_days(first_day, last_day, window_start, window_end) -%}
  GREATEST(0, DATE_DIFF('day', GREATEST({{ first_day }}, {{ window_start }}), LEAST({{ last_day }}, {{ window_end }})) + 1)
{%- endmacro %}

{# Sum of annual rate in cents x days, the whole-number base of every proration. #}
{% macro cent_days(window_start, window_end, alias) -%}
  (
    {{ cents(alias ~ '.first_pay_rate') }}
    * {{ overlap_days(year_start(), alias ~ '.first_raise_date - 1', window_start, window_end) }}
    + {{ cents(alias ~ '.second_pay_rate') }}
    * {{ overlap_days(alias ~ '.first_raise_date', alias ~ '.second_raise_date - 1', window_start, window_end) }}
    + {{ cents(alias ~ '.third_pay_rate') }}
    * {{ overlap_days(alias ~ '.second_raise_date', year_end(), window_start, window_end) }}
  )
{%- endmacro %}

{# Pay earned in a window, cents half-up once at the end. #}
{% macro window_pay(window_start, window_end, alias) -%}
  {{ from_cents(divide_half_up(cent_days(window_start, window_end, alias), days_in_year())) }}
{%- endmacro %}

{# The annual rates in order of date; a raise that does not happen lies beyond the year. #}
{% macro pay_rates(people) %}
  SELECT
    employee_id,
    cola_compensation AS first_pay_rate,
    CASE
      WHEN has_promotion AND has_merit THEN LEAST(promotion_day, merit_day)
      WHEN has_promotion THEN promotion_day
      WHEN has_merit THEN merit_day
      ELSE {{ year_end() }} + 1
    END AS first_raise_date,
    CASE
      WHEN has_promotion AND (NOT has_merit OR promotion_day < merit_day) THEN pay_after_promotion
      ELSE pay_after_merit
    END AS second_pay_rate,
    CASE
      WHEN has_promotion AND has_merit THEN GREATEST(promotion_day, merit_day)
      ELSE {{ year_end() }} + 1
    END AS second_raise_date,
    closing_compensation AS third_pay_rate
  FROM {{ people }}
{% endmacro %}

{#
  Pay periods of the year: 52 weeks or 26 fortnights from 1 January (the last takes the extra days), half months,
  months, or the year.
#}
{% macro pay_periods() %}
  SELECT
    period,
    period_start,
    LEAD(period_start, 1, {{ year_end() }} + 1) OVER (ORDER BY period) - 1 AS period_end
  FROM (
    SELECT
      numbers.period,
      CASE settings.payroll__frequency
        WHEN 'weekly' THEN {{ year_start() }} + CAST(7 * (numbers.period - 1) AS INTEGER)
        WHEN 'biweekly' THEN {{ year_start() }} + CAST(14 * (numbers.period - 1) AS INTEGER)
        WHEN 'semimonthly' THEN MAKE_DATE(
          {{ var('simulation_year') }}, (numbers.period + 1) // 2, CASE WHEN numbers.period % 2 = 1 THEN 1 ELSE 16 END
        )
        WHEN 'monthly' THEN MAKE_DATE({{ var('simulation_year') }}, numbers.period, 1)
        WHEN 'annual' THEN {{ year_start() }}
      END AS period_start
    FROM {{ source('inputs', 'settings') }} AS settings
    CROSS JOIN GENERATE_SERIES(1, CASE settings.payroll__frequency
      WHEN 'weekly' THEN 52
      WHEN 'biweekly' THEN 26
      WHEN 'semimonthly' THEN 24
      WHEN 'monthly' THEN 12
      WHEN 'annual' THEN 1
    END) AS numbers (period)
  )
{% endmacro %}

{# Every dollar a person deferred, regular and catch-up. #}
{% macro total_deferrals(alias) -%}
  {{ alias }}.employee_pre_tax + {{ alias }}.employee_roth + {{ alias }}.employee_catch_up + {{ alias }}.employee_roth_catch_up
{%- endmacro %}

{# The part of an amount that still fits under a limit, given the running total that includes it. #}
{% macro within_limit(amount, to_date, limit) -%}
  LEAST({{ to_date }}, {{ limit }}) - LEAST({{ to_date }} - {{ amount }}, {{ limit }})
{%- endmacro %}

{#
  Pay actually earned in the year before the first one, until last_day in it; when the census does not say, the annual
  rate for the days employed in that year.
#}
{% macro census_pay(last_day) -%}
  COALESCE(
    prior_year_gross_pay,
    CAST({{ from_cents(divide_half_up(
      cents('employee_gross_compensation') ~ ' * ' ~ overlap_days(
        'employee_hire_date', last_day, 'MAKE_DATE(YEAR(' ~ last_day ~ '), 1, 1)', last_day
      ),
      "DATE_DIFF('day', MAKE_DATE(YEAR(" ~ last_day ~ "), 1, 1), MAKE_DATE(YEAR(" ~ last_day ~ "), 12, 31)) + 1"
    )) }} AS DECIMAL(18, 6))
  )
{%- endmacro %}
