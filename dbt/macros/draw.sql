{#
  The only source of chance. A draw depends on seed, year, entity and decision and on nothing else, so it is the
  same on every engine, for every row order, population and scenario (common random numbers).
  u = first 13 hex digits of md5('seed|year|entity|decision') / 2^52, in [0, 1).
#}
{% macro draw_decisions() %}
  {{ return([
    'exit', 'exit_day', 'exit_reason',
    'hire_month', 'hire_day', 'hire_age', 'hire_birthday', 'hire_level', 'hire_pay',
    'new_hire_exit', 'new_hire_exit_day',
    'promotion', 'merit_month',
    'participation', 'affirmative_election', 'election_rate', 'match_attraction', 'roth_election',
    'opt_out_day', 'annual_enrollment', 'annual_enrollment_day',
    'rate_change', 'rate_change_day', 'rate_change_size', 'escalation',
    'distribution_election'
  ]) }}
{% endmacro %}

{# The key of all draws of one entity in one year; every decision appends its name. #}
{% macro draw_key(seed, entity, year=none) -%}
  CAST({{ seed }} AS VARCHAR) || '|{{ year if year is not none else var('simulation_year') }}|' || {{ entity }}
{%- endmacro %}

{% macro draw(decision, key='draw_key') %}
  {%- set decisions = draw_decisions() -%}
  {%- if decisions | unique | list | length != decisions | length -%}
    {{ exceptions.raise_compiler_error('draw_decisions() names a decision twice: two decisions would share their chance') }}
  {%- endif -%}
  {%- if decision not in decisions -%}
    {{ exceptions.raise_compiler_error("draw('" ~ decision ~ "') is not registered in draw_decisions()") }}
  {%- endif -%}
  (CAST('0x' || SUBSTR(MD5({{ key }} || '|{{ decision }}'), 1, 13) AS BIGINT) / CAST(4503599627370496 AS DOUBLE))
{%- endmacro %}

{# Waiting time of an exponential race: the k smallest are a weighted sample without replacement. #}
{% macro race(uniform, weight) -%}
  CASE
    WHEN {{ weight }} > 0 THEN ROUND(-LN(1 - {{ uniform }}) / CAST({{ weight }} AS DOUBLE), 12)
    ELSE CAST('Infinity' AS DOUBLE)
  END
{%- endmacro %}
