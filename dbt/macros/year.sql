{#
  First and last year of the simulation, and whether any year of it is in the database. Asked for every model and
  answered once per invocation: dbt spends more on a query than on the rest of a small model.
#}
{% macro simulation_span() -%}
  {%- set answer = 'simulation span of ' ~ invocation_id -%}
  {%- if answer not in graph -%}
    {%- set span = run_query(
      "SELECT simulation__start_year, simulation__end_year, EXISTS (FROM duckdb_tables() WHERE database_name = '"
      ~ target.database ~ "' AND schema_name = '" ~ target.schema ~ "' AND table_name = 'fct_simulation_summary') "
      ~ "FROM inputs.settings"
    ).rows[0] -%}
    {%- do graph.update({answer: {'first': span[0], 'last': span[1], 'any_year': span[2]}}) -%}
  {%- endif -%}
  {{ return(graph[answer]) }}
{%- endmacro %}

{# True in the first simulated year, whose opening population is the census, and while dbt parses. #}
{% macro is_first_year() -%}
  {%- if not execute -%} {{ return(true) }} {%- endif -%}
  {{ return(var('simulation_year') | int == simulation_span()['first']) }}
{%- endmacro %}

{# Gives the graph its edge to a table of the year before: while dbt parses, only the first year's branch is rendered. #}
{% macro reads_year_before(table) -%}
  {%- if not execute -%} {%- do source('previous_year', table) -%} {%- endif -%}
{%- endmacro %}

{#
  A year stands on its predecessor: no table is touched without it. The summary has a row even when nobody is employed.
  Called by whatever builds a table, and asked once per invocation.
#}
{% macro assert_year_can_run() -%}
  {%- set answer = 'the year can run in ' ~ invocation_id -%}
  {%- if answer not in graph -%}
    {%- set year = var('simulation_year') | int -%}
    {%- set span = simulation_span() -%}
    {%- if year < span['first'] or year > span['last'] -%}
      {{ exceptions.raise_compiler_error(
        'simulation_year ' ~ year ~ ' is outside the simulation (' ~ span['first'] ~ ' to ' ~ span['last'] ~ ')'
      ) }}
    {%- endif -%}
    {%- if year > span['first'] -%}
      {%- set found = span['any_year'] and run_query(
        'SELECT COUNT(*) FROM (SELECT 1 FROM ' ~ api.Relation.create(target.database, target.schema, 'fct_simulation_summary')
        ~ ' WHERE simulation_year = ' ~ (year - 1) ~ ' LIMIT 1)'
      ).columns[0].values()[0] -%}
      {%- if not found -%}
        {{ exceptions.raise_compiler_error(
          'year ' ~ year ~ ' cannot run: ' ~ (year - 1) ~ ' has not been simulated in this database. Run ' ~ span['first'] ~ ' to ' ~ (year - 1) ~ ' first.'
        ) }}
      {%- endif -%}
    {%- endif -%}
    {%- do graph.update({answer: true}) -%}
  {%- endif -%}
{%- endmacro %}
