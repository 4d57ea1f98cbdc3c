{# The year's money of every entered person, topped up to the minimum of a top-heavy plan (IRC 416(c)(2)). #}
{% macro topped_up_money() %}
  WITH annual AS (
    SELECT
      money.*,
      hce.is_key_employee,
      LEAST(money.total_compensation, money.compensation_limit) AS top_heavy_compensation,
      money.employer_match + money.employer_match_true_up + money.employer_nonelective + money.employer_profit_sharing
      + money.forfeiture_allocation - money.withdrawn_match_this_year AS employer_money
    FROM ({{ annual_money() }}) AS money
    INNER JOIN {{ ref('int_hce') }} AS hce
      ON money.employee_id = hce.employee_id
  ),

  -- IRC 416(c)(2): the lesser of 3% and the highest rate of any key employee, as the fraction part / whole; deferrals
  -- count, catch-up of the year does not (26 CFR 1.414(v)-1(d)(3)(i))
  highest_rate AS (
    SELECT
      ARG_MAX(part, part / whole) AS part,
      ARG_MAX(whole, part / whole) AS whole
    FROM (
      SELECT
        {{ cents('(employee_pre_tax + employee_roth + employer_money)') }} AS part,
        {{ cents('top_heavy_compensation') }} AS whole
      FROM annual
      WHERE is_key_employee
        AND top_heavy_compensation > 0
    )
  ),

  minimum_rate AS (
    SELECT
      CASE WHEN part * 100 >= whole * 3 THEN 3 ELSE COALESCE(part, 0) END AS part,
      CASE WHEN part * 100 >= whole * 3 THEN 100 ELSE COALESCE(whole, 1) END AS whole
    FROM highest_rate
  )

  SELECT
    annual.* EXCLUDE (employer_nonelective),
    annual.employer_nonelective + CASE
      WHEN top_heavy.is_top_heavy
        AND annual.earns_employer_money
        AND NOT annual.is_key_employee
        AND annual.last_date = {{ year_end() }}
        THEN GREATEST(0, {{ from_cents(divide_half_up(
          'CAST(' ~ cents('annual.top_heavy_compensation') ~ ' AS HUGEINT) * minimum_rate.part', 'minimum_rate.whole'
        )) }} - annual.employer_money)
      ELSE 0
    END AS employer_nonelective
  FROM annual
  CROSS JOIN minimum_rate
  CROSS JOIN {{ ref('int_top_heavy') }} AS top_heavy
{% endmacro %}
