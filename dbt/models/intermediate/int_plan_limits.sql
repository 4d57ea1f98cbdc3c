{{ config(tags=['genesis']) }}

-- from the year before the first simulated one, whose pay decides who is highly compensated
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

published AS (
  SELECT *
  FROM {{ source('inputs', 'irs_limits') }}
),

years AS (
  SELECT CAST(UNNEST(RANGE(simulation__start_year - 1, simulation__end_year + 1)) AS INTEGER) AS simulation_year
  FROM settings
),

quarters AS (
  {{ cpi_quarters('years') }}
),

indexed_long AS (
  {{ indexed_limits('years', 'quarters') }}
),

indexed AS (
  SELECT
    simulation_year
    {% for limit in published_limit_columns() %}
    ,
    MAX(indexed_limit) FILTER (WHERE limit_name = '{{ limit }}') AS {{ limit }}
    {% endfor %}
  FROM indexed_long
  GROUP BY simulation_year
),

-- no wage index is at hand: the last published base follows the assumed CPI growth, to the nearest 300
last_published AS (
  SELECT
    published.plan_year,
    CAST(published.ss_wage_base AS HUGEINT) AS ss_wage_base,
    quarters.peak_sum
  FROM published
  INNER JOIN quarters
    ON published.plan_year - 1 = quarters.year
  ORDER BY published.plan_year DESC
  LIMIT 1
),

wage_bases AS (
  SELECT
    years.simulation_year,
    CAST(300 * {{ divide_half_up(
      'last_published.ss_wage_base * quarters.peak_sum', '(300 * last_published.peak_sum)'
    ) }} AS DECIMAL(18, 6)) AS social_security_wage_base
  FROM years
  INNER JOIN quarters
    ON years.simulation_year - 1 = quarters.year
  INNER JOIN last_published
    ON years.simulation_year > last_published.plan_year
)

SELECT
  settings.scenario_id,
  settings.plan_design_id,
  CASE
    WHEN published.plan_year IS NOT NULL OR wage_bases.simulation_year IS NOT NULL THEN years.simulation_year
    ELSE
      ERROR(
        'The limits of '
        || years.simulation_year
        || ' are neither published (config/irs_limits.csv) nor later than the published ones. A simulation starting in '
        || years.simulation_year + 1
        || ' needs them, because pay of the year before decides who is highly compensated (IRC 414(q)): choose a later '
        || 'simulation.start_year.'
      )
  END AS simulation_year
  {% for limit, column in published_limit_columns().items() %}
  ,
  CASE WHEN published.plan_year IS NOT NULL THEN published.{{ column }} ELSE indexed.{{ limit }} END AS {{ limit }}
  {% endfor %}
  ,
  COALESCE(published.ss_wage_base, wage_bases.social_security_wage_base) AS social_security_wage_base,
  published.plan_year IS NULL AS is_projected
FROM years
CROSS JOIN settings
LEFT JOIN published
  ON years.simulation_year = published.plan_year
LEFT JOIN indexed
  ON years.simulation_year = indexed.simulation_year
LEFT JOIN wage_bases
  ON years.simulation_year = wage_bases.simulation_year
ORDER BY years.simulation_year
