{% macro year_start() -%} MAKE_DATE({{ var('simulation_year') }}, 1, 1) {%- endmacro %}

{% macro year_end() -%} MAKE_DATE({{ var('simulation_year') }}, 12, 31) {%- endmacro %}

{% macro days_in_year() -%} (DATE_DIFF('day', {{ year_start() }}, {{ year_end() }}) + 1) {%- endmacro %}

{#
  The day so many months later: a period ends with the day before its anniversary, so an anniversary that its month does
  not have, as 29 February in common years, is the first of the next. The way back from such a month does not reach the day.
#}
{% macro months_after(from_date, months) -%}
  (
    CAST({{ from_date }} + TO_MONTHS({{ months }}) AS DATE)
    + CAST({{ from_date }} + TO_MONTHS({{ months }}) - TO_MONTHS({{ months }}) < {{ from_date }} AS INTEGER)
  )
{%- endmacro %}

{# The anniversary of from_date in the calendar year of a day. #}
{% macro anniversary(from_date, day) -%}
  {{ months_after(from_date, "CAST(12 * DATE_DIFF('year', " ~ from_date ~ ', ' ~ day ~ ') AS INTEGER)') }}
{%- endmacro %}

{# Completed anniversaries of from_date on to_date. #}
{% macro completed_years(from_date, to_date) -%}
  (DATE_DIFF('year', {{ from_date }}, {{ to_date }}) - CAST({{ anniversary(from_date, to_date) }} > {{ to_date }} AS BIGINT))
{%- endmacro %}

{# Attained age, the one definition: whole years at to_date. #}
{% macro attained_age(to_date, birth_date='employee_birth_date') -%}
  {{ completed_years(birth_date, to_date) }}
{%- endmacro %}

{# Completed service anniversaries, never negative. #}
{% macro completed_tenure(to_date, hire_date='employee_hire_date') -%}
  GREATEST({{ completed_years(hire_date, to_date) }}, 0)
{%- endmacro %}
