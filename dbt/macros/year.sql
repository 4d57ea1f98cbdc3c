{#
  True in the first simulated year, whose opening population is the census, and while dbt parses. Asked by most models
  and answered once per invocation: dbt spends more on a query than on the rest of a small model.
#}
{% macro is_first_year() -%}
  {%- if not execute -%} {{ return(true) }} {%- endif -%}
  {%- set answer = 'start_year of ' ~ invocation_id -%}
  {%- if answer not in graph -%}
    {%- do graph.update({answer: run_query("SELECT simulation__start_year FROM inputs.settings").columns[0].values()[0]}) -%}
  {%- endif -%}
  {{ return(var('simulation_year') | int == graph[answer]) }}
{%- endmacro %}

{# Gives the graph its edge to a table of the year before: while dbt parses, only the first year's branch is rendered. #}
{% macro reads_year_before(table) -%}
  {%- if not execute -%} {%- do source('previous_year', table) -%} {%- endif -%}
{%- endmacro %}

{# A year stands on its predecessor: refuse to start without it. The summary has a row even when nobody is employed. #}
{% macro assert_year_can_run() -%}
  {%- if execute -%}
    {%- set year = var('simulation_year') | int -%}
    {%- set bounds = run_query("SELECT simulation__start_year, simulation__end_year FROM inputs.settings").rows[0] -%}
    {%- if year < bounds[0] or year > bounds[1] -%}
      {{ exceptions.raise_compiler_error(
        'simulation_year ' ~ year ~ ' is outside the simulation (' ~ bounds[0] ~ ' to ' ~ bounds[1] ~ ')'
      ) }}
    {%- endif -%}
    {%- if year > bounds[0] -%}
      {%- set summary = adapter.get_relation(database=target.database, schema=target.schema, identifier='fct_simulation_summary') -%}
      {%- set found = summary is not none and run_query(
        'SELECT COUNT(*) FROM (SELECT 1 FROM ' ~ summary ~ ' WHERE simulation_year = ' ~ (year - 1) ~ ' LIMIT 1)'
      ).columns[0].values()[0] -%}
      {%- if not found -%}
        {{ exceptions.raise_compiler_error(
          'year ' ~ year ~ ' cannot run: ' ~ (year - 1) ~ ' has not been simulated in this database. Run ' ~ bounds[0] ~ ' to ' ~ (year - 1) ~ ' first.'
        ) }}
      {%- endif -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}
