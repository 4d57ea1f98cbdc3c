{#
  What the forfeiture account opens with, and what of it may be reallocated. Reallocation hands out what was held on
  31 December before, because forfeitures of leavers depend on the year's own contributions; that is within 12 months of
  the plan year's end. Reducing contributions and paying expenses use the year's own forfeitures too. Excess aggregate
  contributions forfeited the year before may not go to those whose match was reduced (IRC 401(m)(6)(C)).
#}
{% macro forfeitures_available() %}
  WITH held AS (
    {{- reads_year_before('fct_forfeiture_account') }}
    {%- if is_first_year() %}
    SELECT
      CAST(0 AS DECIMAL(18, 2)) AS opening_held,
      CAST(0 AS DECIMAL(18, 2)) AS excess_match
    {%- else %}
    SELECT
      CAST(closing_held AS DECIMAL(18, 2)) AS opening_held,
      CAST(LEAST(closing_held, incurred_excess_match) AS DECIMAL(18, 2)) AS excess_match
    FROM {{ source('previous_year', 'fct_forfeiture_account') }}
    WHERE simulation_year = {{ var('simulation_year') }} - 1
    {%- endif %}
  )

  SELECT
    opening_held,
    opening_held - excess_match AS available_to_all,
    excess_match AS available_to_others
  FROM held
{% endmacro %}
