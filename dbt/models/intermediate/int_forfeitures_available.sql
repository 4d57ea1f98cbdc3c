{{ config(materialized='ephemeral', contract={'enforced': false}) }}

-- what the forfeiture account opens with, and what of it this year's reallocation may hand out: forfeitures are
-- reallocated in the year after they arise, because those of leavers depend on this year's contributions
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
