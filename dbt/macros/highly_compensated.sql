{#
  Everybody employed in the look-back year with the pay earned in it, leavers of that year included; for the first
  simulated year they come from the census.
#}
{% macro lookback_population() %}
  {{- reads_year_before('fct_workforce_snapshot') }}
  {%- if is_first_year() %}
  SELECT
    employee_id,
    employee_birth_date,
    employee_hire_date,
    {{ year_start() }} - 1 AS last_date,
    scheduled_hours_per_week,
    ownership_pct,
    is_officer,
    prior_year_gross_pay AS lookback_compensation
  FROM {{ ref('int_baseline_workforce') }}
  UNION ALL
  SELECT
    employee_id,
    employee_birth_date,
    employee_hire_date,
    employee_termination_date AS last_date,
    scheduled_hours_per_week,
    ownership_pct,
    is_officer,
    {{ census_pay('employee_termination_date') }} AS lookback_compensation
  FROM {{ ref('stg_census_data') }}
  WHERE YEAR(employee_termination_date) = {{ var('simulation_year') }} - 1
  {%- else %}
  SELECT
    employee_id,
    employee_birth_date,
    employee_hire_date,
    COALESCE(termination_date, {{ year_start() }} - 1) AS last_date,
    scheduled_hours_per_week,
    ownership_pct,
    is_officer,
    prorated_annual_compensation AS lookback_compensation
  FROM {{ source('previous_year', 'fct_workforce_snapshot') }}
  WHERE simulation_year = {{ var('simulation_year') }} - 1
  {%- endif %}
{% endmacro %}

{#
  Facts of the look-back year about its employees. Reads the relation `lookback_limits`, the limits of that year.
  Top-paid group, IRC 414(q)(3): the highest paid, as many as 20% of the employees who are not excludable, rounded up;
  excludable (414(q)(5)): under six months of service, under 17.5 hours a week, under 21. Exclusions reduce the number,
  not the candidates (26 CFR 1.414(q)-1T, A-9).
  Key employees, IRC 416(i)(1): officers paid more than the indexed figure (at most 50, or if fewer the greater of 3 and
  10% of employees, the highest paid), owners of more than 5%, owners of more than 1% paid more than $150,000.
#}
{% macro lookback_employees() %}
  WITH population AS (
    {{ lookback_population() }}
  ),

  ranked AS (
    SELECT
      *,
      ROW_NUMBER() OVER (ORDER BY lookback_compensation DESC, employee_id) AS pay_rank,
      ROW_NUMBER() OVER (PARTITION BY is_officer ORDER BY lookback_compensation DESC, employee_id) AS officer_rank,
      last_date >= {{ months_after('employee_hire_date', 6) }} - 1
        AND scheduled_hours_per_week >= 17.5
        AND {{ attained_age(year_start() ~ ' - 1') }} >= 21 AS counts
    FROM population
  ),

  group_sizes AS (
    SELECT
      (COUNT(*) FILTER (WHERE counts) + 4) // 5 AS top_paid,
      LEAST(50, GREATEST(3, (COUNT(*) FILTER (WHERE counts) + 9) // 10)) AS officers
    FROM ranked
  )

  SELECT
    ranked.employee_id,
    ranked.lookback_compensation,
    ranked.pay_rank <= group_sizes.top_paid AS in_top_paid_group,
    ranked.ownership_pct > 0.05
      OR (ranked.ownership_pct > 0.01 AND ranked.lookback_compensation > 150000)
      OR (
        ranked.is_officer
        AND ranked.officer_rank <= group_sizes.officers
        AND ranked.lookback_compensation > lookback_limits.key_employee_compensation
      ) AS is_key_employee
  FROM ranked
  CROSS JOIN group_sizes
  CROSS JOIN lookback_limits
{% endmacro %}
