{#
  A table partitioned by simulation_year. Building year Y removes Y and every later year, then appends Y,
  in one transaction: a rerun with fewer rows leaves no phantom, and no later year survives its own past.
#}
{% materialization yearly, adapter='duckdb' %}
  {%- set purge -%}
    DELETE FROM {{ this }}
    WHERE simulation_year >= {{ var('simulation_year') }}
  {%- endset -%}
  {{ return(build_in_place('CREATE TABLE IF NOT EXISTS', purge)) }}
{% endmaterialization %}

{# A table of one year only, made anew for every year. #}
{% materialization scratch, adapter='duckdb' %}
  {{ return(build_in_place('CREATE OR REPLACE TABLE')) }}
{% endmaterialization %}

{# A view that names no catalog, so that it can be read under whatever name its file is opened or attached. #}
{% materialization unbound_view, adapter='duckdb' %}
  {%- set target_relation = this.incorporate(type='view') -%}
  {%- if config.get('contract').enforced %}
  {{ get_assert_columns_equivalent(sql) }}
  {%- endif %}
  {% call statement('main', auto_begin=False) -%}
    CREATE OR REPLACE VIEW {{ target_relation }} AS
    {{ sql | replace('"' ~ target.database ~ '".', '') }}
  {%- endcall %}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#
  Declare the table by its contract, purge it, then insert. The contract is rendered and compared with the query once
  per process: planning a large query once more for every year would cost as much as running it.
#}
{% macro build_in_place(declare, purge='') %}
  {%- do assert_year_can_run() -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set contract = 'contract of ' ~ this.identifier %}
  {% if contract not in graph %}
    {{ get_assert_columns_equivalent(sql) }}
    {%- do graph.update({contract: get_table_columns_and_constraints()}) %}
  {% endif %}
  {# one call, transaction included, because dbt spends more on a statement than DuckDB on these #}
  {% call statement('main', auto_begin=False) -%}
    BEGIN TRANSACTION;
    {{ declare }} {{ target_relation }} {{ graph[contract] }};
    {% if purge -%} {{ purge }}; {%- endif %}
    INSERT INTO {{ target_relation }} BY NAME
    {{ sql }};
    COMMIT
  {%- endcall %}
  {{ return({'relations': [target_relation]}) }}
{% endmacro %}
