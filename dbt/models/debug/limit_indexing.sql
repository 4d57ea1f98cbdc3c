-- the indexing algorithm beside the published table, every published and simulated year: what the algorithm is worth
WITH published AS (
  SELECT *
  FROM {{ source('inputs', 'irs_limits') }}
),

published_years AS (
  SELECT
    MIN(plan_year) AS first_year,
    MAX(plan_year) AS last_year
  FROM published
),

years AS (
  SELECT
    CAST(
      UNNEST(RANGE(
        published_years.first_year, GREATEST(published_years.last_year, settings.simulation__end_year) + 1
      )) AS INTEGER
    ) AS simulation_year
  FROM published_years
  CROSS JOIN {{ source('inputs', 'settings') }} AS settings
),

quarters AS (
  {{ cpi_quarters('years') }}
),

indexed AS (
  {{ indexed_limits('years', 'quarters') }}
),

published_long AS (
  {% for limit, column in published_limit_columns().items() %}
  SELECT
    plan_year,
    '{{ limit }}' AS limit_name,
    {{ column }} AS published_limit
  FROM published
  WHERE {{ column }} IS NOT NULL
  {% if not loop.last %}UNION ALL{% endif %}
  {% endfor %}
)

SELECT
  COALESCE(indexed.simulation_year, published_long.plan_year) AS simulation_year,
  COALESCE(indexed.limit_name, published_long.limit_name) AS limit_name,
  indexed.index_factor,
  indexed.unrounded_limit,
  indexed.indexed_limit,
  published_long.published_limit
FROM indexed
FULL OUTER JOIN published_long
  ON indexed.simulation_year = published_long.plan_year
  AND indexed.limit_name = published_long.limit_name
ORDER BY limit_name, simulation_year
