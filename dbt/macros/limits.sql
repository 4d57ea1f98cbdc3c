{#
  Statutory indexing of the limits: IRC 415(d), 402(g)(4), 414(v)(2)(C), 401(a)(17)(B), 414(q)(1), 416(i)(1),
  414(v)(7)(E). A base amount x CPI-U of the third quarter of the year before over that of the base quarter, in whole
  numbers; the unrounded value is carried, the rounded limit never compounds.
#}

{#
  Third-quarter sums of CPI-U in thousandths: published, then grown by limits.assumed_cpi_growth and rounded to three
  decimals each year until the last of `years`. peak_sum never falls, so neither does a limit.
#}
{% macro cpi_quarters(years) %}
  WITH RECURSIVE published_quarters AS (
    SELECT
      year,
      CAST((july + august + september) * 1000 AS HUGEINT) AS cpi_sum
    FROM {{ source('inputs', 'cpi_u') }}
  ),

  projected_quarters AS (
    SELECT
      MAX(year) AS year,
      MAX_BY(cpi_sum, year) AS cpi_sum
    FROM published_quarters
    UNION ALL
    SELECT
      projected_quarters.year + 1 AS year,
      {{ divide_half_up(
        'projected_quarters.cpi_sum * CAST((1 + settings.limits__assumed_cpi_growth) * 1000000 AS HUGEINT)', '1000000'
      ) }} AS cpi_sum
    FROM projected_quarters
    CROSS JOIN {{ source('inputs', 'settings') }} AS settings
    WHERE projected_quarters.year + 1 < (SELECT MAX(simulation_year) FROM {{ years }})
  ),

  quarters AS (
    SELECT
      year,
      cpi_sum
    FROM published_quarters
    UNION
    SELECT
      year,
      cpi_sum
    FROM projected_quarters
  )

  SELECT
    year,
    MAX(cpi_sum) OVER (ORDER BY year) AS peak_sum
  FROM quarters
{% endmacro %}

{#
  One row a year and limit: index_factor = round(trunc(ratio, 5), 4), unrounded_limit = base x factor, indexed_limit =
  the next lower multiple of the increment; where the law floors the increase only, base + floored increase.
#}
{% macro indexed_limits(years, quarters) %}
  SELECT
    years.simulation_year,
    definitions.limit_name,
    ((100000 * measured.peak_sum) // base.peak_sum + 5) // 10 AS factor,
    CASE WHEN definitions.floors_increase_only THEN 10000 * definitions.base_amount ELSE 0 END AS floored_from,
    CAST(factor AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS index_factor,
    CAST(factor * definitions.base_amount AS DECIMAL(18, 0)) * CAST(0.0001 AS DECIMAL(4, 4)) AS unrounded_limit,
    CAST(
      floored_from // 10000
      + (factor * definitions.base_amount - floored_from)
      // (10000 * definitions.increment) * definitions.increment
    AS DECIMAL(18, 6)) AS indexed_limit
  FROM {{ years }} AS years
  CROSS JOIN (
    VALUES
    ('elective_deferral_limit', 15000, 2005, 500, 2006, FALSE),
    ('catch_up_limit', 5000, 2005, 500, 2006, FALSE),
    ('super_catch_up_limit', 11250, 2024, 500, 2025, TRUE),
    ('annual_additions_limit', 40000, 2001, 1000, 2002, FALSE),
    ('compensation_limit', 200000, 2001, 5000, 2002, FALSE),
    ('hce_threshold', 80000, 1996, 5000, 1997, FALSE),
    ('key_employee_compensation', 130000, 2001, 5000, 2002, FALSE),
    ('roth_catch_up_wage_threshold', 145000, 2023, 5000, 2026, TRUE)
  ) AS definitions (limit_name, base_amount, base_year, increment, first_year, floors_increase_only)
  INNER JOIN {{ quarters }} AS measured
    ON years.simulation_year - 1 = measured.year
  INNER JOIN {{ quarters }} AS base
    ON definitions.base_year = base.year
  WHERE years.simulation_year >= definitions.first_year
{% endmacro %}

{# Limit -> column of the published table. #}
{% macro published_limit_columns() %}
  {{ return({
    'elective_deferral_limit': 'elective_deferral_402g',
    'catch_up_limit': 'catch_up_50',
    'super_catch_up_limit': 'super_catch_up_60_63',
    'annual_additions_limit': 'annual_additions_415c',
    'compensation_limit': 'comp_limit_401a17',
    'hce_threshold': 'hce_threshold_on_comp_earned_in_this_year',
    'key_employee_compensation': 'key_employee_officer_comp',
    'roth_catch_up_wage_threshold': 'roth_catchup_prior_year_wage_threshold'
  }) }}
{% endmacro %}
