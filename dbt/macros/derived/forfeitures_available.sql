{#
  What the forfeiture account opens with, and what of it may be reallocated. Reallocation hands out what was held on
  31 December before, because forfeitures of leavers depend on the year's own contributions; that is within 12 months of
  the plan year's end. Reducing contributions and paying expenses use the year's own forfeitures too.
#}
{% macro forfeitures_available() %}
  WITH settings AS (
    SELECT *
    FROM {{ source('inputs', 'settings') }}
  ),

  held AS (
    {{- reads_year_before('fct_forfeiture_account') }}
    {%- if is_first_year() %}
    SELECT CAST(0 AS DECIMAL(18, 2)) AS opening_held
    {%- else %}
    SELECT CAST(closing_held AS DECIMAL(18, 2)) AS opening_held
    FROM {{ source('previous_year', 'fct_forfeiture_account') }}
    WHERE simulation_year = {{ var('simulation_year') }} - 1
    {%- endif %}
  )

  SELECT
    held.opening_held,
    CASE WHEN settings.plan__forfeitures__use = 'reallocate' THEN held.opening_held ELSE 0 END AS available
  FROM held
  CROSS JOIN settings
{% endmacro %}
