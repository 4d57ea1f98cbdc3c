{#
  Every contribution of the year with the year's total of its source. Deferrals that the annual additions limit turns into
  catch-up (IRC 415(c), 414(v)) carry the catch-up source from the dollar on, in a row of their own; where catch-up must be
  Roth (414(v)(7)) that is the Roth source, which is where a correction before Form W-2 takes contributions and earnings
  (26 CFR 1.414(v)-2(c)(2)(ii)).
#}
{% macro contributions() %}
  WITH to_date AS (
    {% for source in ['employee_pre_tax', 'employee_roth', 'employee_catch_up', 'employee_roth_catch_up', 'employer_match'] %}
    SELECT
      employee_id,
      pay_date,
      plan_pay AS period_compensation,
      deferral_rate AS rate,
      '{{ source }}' AS source,
      {{ source }} AS amount,
      {{ source }}_to_date AS year_to_date
    FROM {{ ref('int_payroll') }}
    WHERE {{ source }} > 0
    UNION ALL
    {% endfor %}
    {% for source, amount in [
      ('employer_match', 'employer_match - payroll_match'),
      ('employer_match_true_up', 'employer_match_true_up'),
      ('employer_nonelective', 'employer_nonelective'),
      ('employer_profit_sharing', 'employer_profit_sharing'),
      ('forfeiture_allocation', 'forfeiture_allocation')
    ] %}
    SELECT
      employee_id,
      posting_date AS pay_date,
      plan_compensation AS period_compensation,
      CAST(NULL AS DECIMAL(9, 6)) AS rate,
      '{{ source }}' AS source,
      CAST({{ amount }} AS DECIMAL(18, 2)) AS amount,
      {{ source }} AS year_to_date
    FROM {{ ref('int_plan_money') }}
    WHERE {{ amount }} > 0
    {% if not loop.last %}
    UNION ALL
    {% endif %}
    {% endfor %}
  ),

  -- everything beyond the regular limit is catch-up, and all that payroll has already called so
  recharacterized AS (
    SELECT
      to_date.*,
      CASE
        WHEN plan_year.must_catch_up_roth OR to_date.source LIKE 'employee_roth%' THEN 'employee_roth_catch_up'
        ELSE 'employee_catch_up'
      END AS catch_up_source,
      CASE to_date.source
        WHEN 'employee_pre_tax' THEN money.employee_pre_tax - money.recharacterized_pre_tax
        WHEN 'employee_roth'
          THEN money.employee_roth - (money.recharacterized_as_catch_up - money.recharacterized_pre_tax)
        ELSE 0
      END AS regular_limit,
      LEAST(to_date.year_to_date, regular_limit) - LEAST(to_date.year_to_date - to_date.amount, regular_limit)
        AS regular_amount
    FROM to_date
    INNER JOIN {{ ref('int_plan_money') }} AS money
      ON to_date.employee_id = money.employee_id
    INNER JOIN {{ ref('int_plan_year') }} AS plan_year
      ON to_date.employee_id = plan_year.employee_id
    WHERE money.recharacterized_as_catch_up > 0
      AND to_date.source LIKE 'employee%'
  )

  SELECT
    to_date.*
  FROM to_date
  ANTI JOIN recharacterized
    ON to_date.employee_id = recharacterized.employee_id
    AND to_date.source = recharacterized.source
  UNION ALL
  SELECT
    employee_id,
    pay_date,
    period_compensation,
    rate,
    source,
    CAST(regular_amount AS DECIMAL(18, 2)) AS amount,
    CAST(LEAST(year_to_date, regular_limit) AS DECIMAL(18, 2)) AS year_to_date
  FROM recharacterized
  WHERE regular_amount > 0
  UNION ALL
  SELECT
    employee_id,
    pay_date,
    period_compensation,
    rate,
    catch_up_source AS source,
    CAST(amount - regular_amount AS DECIMAL(18, 2)) AS amount,
    CAST(SUM(amount - regular_amount) OVER (
      PARTITION BY employee_id, catch_up_source
      ORDER BY pay_date, amount - regular_amount
      ROWS UNBOUNDED PRECEDING
    ) AS DECIMAL(18, 2)) AS year_to_date
  FROM recharacterized
  WHERE amount > regular_amount
{% endmacro %}

{# Annual additions (415(c)) after correction: an excess is corrected also where losses left less of it to return. #}
{% macro corrected_additions(additions, reached_limit) -%}
  LEAST(COALESCE({{ additions }}, 0), {{ reached_limit }})
{%- endmacro %}
