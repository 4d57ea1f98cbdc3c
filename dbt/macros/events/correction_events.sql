{#
  Branches of the event log about corrections, posted on the last day of the year: refunds of annual additions, excess
  contributions and excess aggregate contributions, and the match forfeited with them. The tests come after people have
  left with their money: leavers are corrected for failed tests in the tables only. They expect the CTEs plan_year, plan_money and vesting.
#}

{# Deferral refunds come out of pre-tax deferrals first, then out of Roth; excess match out of the match account. #}
{% macro events_correction_distribution_sql() %}
  SELECT
    refunds.employee_id,
    'distribution' AS event_type,
    refunds.reason AS event_category,
    refunds.posting_date AS effective_date,
    CASE refunds.reason
      WHEN 'excess_annual_addition' THEN 91
      WHEN 'excess_contribution' THEN 92
      ELSE 93
    END AS sort_rank,
    CAST(NULL AS DECIMAL(18, 2)) AS compensation_amount,
    CAST(NULL AS DECIMAL(18, 2)) AS previous_compensation,
    CAST(refunds.amount AS DECIMAL(18, 2)) AS amount,
    CAST(NULL AS DECIMAL(9, 6)) AS rate,
    refunds.source,
    refunds.reason,
    CAST(NULL AS INTEGER) AS level_id,
    CAST(NULL AS DOUBLE) AS event_probability,
    TO_JSON(STRUCT_PACK(
      event_type := 'distribution',
      source := refunds.source,
      amount := CAST(CAST(refunds.amount AS DECIMAL(18, 2)) AS VARCHAR),
      reason := refunds.reason
    )) AS event_payload,
    CAST(NULL AS VARCHAR) AS parameter_scenario_id,
    'compliance' AS parameter_source,
    'plan_administration' AS source_system
  FROM (
    {{ correction_refunds() }}
  ) AS refunds
  WHERE refunds.amount > 0
{% endmacro %}

{% macro correction_refunds() %}
  WITH owed AS (
    {{ corrections_by_person() }}
  )

  SELECT
    employee_id,
    posting_date,
    UNNEST([
      'excess_annual_addition', 'excess_annual_addition', 'excess_contribution', 'excess_contribution',
      'excess_aggregate_contribution'
    ]) AS reason,
    UNNEST(['employee_pre_tax', 'employee_roth', 'employee_pre_tax', 'employee_roth', 'employer_match']) AS source,
    UNNEST([
      pre_tax_addition,
      roth_addition,
      LEAST(contribution_refund, pre_tax_left),
      contribution_refund - LEAST(contribution_refund, pre_tax_left),
      match_refund
    ]) AS amount
  FROM owed
{% endmacro %}

{# What is owed to each person employed at the end of the year; pre_tax: the pre-tax deferrals a refund can come from. #}
{% macro corrections_by_person() %}
  SELECT
    plan_money.employee_id,
    plan_money.posting_date,
    plan_money.employer_match + plan_money.employer_match_true_up - plan_money.payroll_match AS year_end_match,
    plan_money.excess_pre_tax_refund AS pre_tax_addition,
    plan_money.excess_roth_refund AS roth_addition,
    GREATEST(
      0,
      plan_money.employee_pre_tax
      - LEAST(plan_money.recharacterized_as_catch_up, plan_money.employee_pre_tax)
      - plan_money.withdrawn_deferrals
      - plan_money.excess_pre_tax_refund
    ) AS pre_tax_left,
    plan_money.excess_match_forfeiture AS addition_forfeiture,
    CAST(COALESCE(adp.refund_amount, 0) AS DECIMAL(18, 2)) AS contribution_refund,
    CAST(COALESCE(acp.refund_amount, 0) AS DECIMAL(18, 2)) AS match_refund,
    CAST(COALESCE(adp.forfeited_match, 0) + COALESCE(acp.forfeited_match, 0) AS DECIMAL(18, 2)) AS test_forfeiture
  FROM plan_money
  INNER JOIN plan_year
    ON plan_money.employee_id = plan_year.employee_id
  {% for test in ['adp', 'acp'] %}
  LEFT JOIN {{ ref('fct_compliance_corrections') }} AS {{ test }}
    ON plan_money.employee_id = {{ test }}.employee_id
    AND {{ test }}.test = '{{ test }}'
    AND {{ test }}.simulation_year = {{ var('simulation_year') }}
    AND plan_year.exit_date IS NULL
  {% endfor %}
  WHERE plan_money.excess_pre_tax_refund > 0
    OR plan_money.excess_roth_refund > 0
    OR plan_money.excess_match_forfeiture > 0
    OR adp.employee_id IS NOT NULL
    OR acp.employee_id IS NOT NULL
{% endmacro %}
