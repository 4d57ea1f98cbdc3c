{#
  A table partitioned by simulation_year. Building year Y removes Y and every later year, then appends Y,
  in one transaction: a rerun with fewer rows leaves no phantom, and no later year survives its own past.
#}
{% materialization yearly, adapter='duckdb' %}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set existing_relation = load_cached_relation(this) -%}

  {{ run_hooks(pre_hooks, inside_transaction=False) }}
  {{ run_hooks(pre_hooks, inside_transaction=True) }}

  {% if config.get('contract').enforced %}
    {{ get_assert_columns_equivalent(sql) }}
  {% endif %}

  {% if existing_relation is none %}
    {% call statement('create_table') -%}
      CREATE TABLE {{ target_relation }} {{ get_table_columns_and_constraints() }}
    {%- endcall %}
  {% else %}
    {% call statement('purge_years') -%}
      DELETE FROM {{ target_relation }}
      WHERE simulation_year >= {{ var('simulation_year') }}
    {%- endcall %}
  {% endif %}

  {% call statement('main') -%}
    INSERT INTO {{ target_relation }} BY NAME
    {{ sql }}
  {%- endcall %}

  {{ run_hooks(post_hooks, inside_transaction=True) }}
  {{ adapter.commit() }}
  {{ run_hooks(post_hooks, inside_transaction=False) }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
