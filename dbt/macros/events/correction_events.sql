{#
  Branches of the event log about corrections: refunds of annual additions on the last day of employment in the year, of
  excess contributions and excess aggregate contributions on the last day of the year, and the match forfeited with them.
  They expect the CTEs vesting and corrections.
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
    CAST(refunds.amount AS DECIMAL(18, 2)) AS amount,
    refunds.source,
    refunds.reason,
    TO_JSON(STRUCT_PACK(
      event_type := 'distribution',
      source := refunds.source,
      amount := CAST(CAST(refunds.amount AS DECIMAL(18, 2)) AS VARCHAR),
      reason := refunds.reason
    )) AS event_payload,
    'compliance' AS parameter_source,
    'plan_administration' AS source_system
  FROM (
    {{ correction_refunds() }}
  ) AS refunds
  WHERE refunds.amount > 0
{% endmacro %}

{% macro correction_refunds() %}
  SELECT
    employee_id,
    UNNEST([
      posting_date, posting_date, {{ year_end() }}, {{ year_end() }}, {{ year_end() }}
    ]) AS posting_date,
    UNNEST([
      'excess_annual_addition', 'excess_annual_addition', 'excess_contribution', 'excess_contribution',
      'excess_aggregate_contribution'
    ]) AS reason,
    UNNEST(['employee_pre_tax', 'employee_roth', 'employee_pre_tax', 'employee_roth', 'employer_match']) AS source,
    UNNEST([pre_tax_addition, roth_addition, pre_tax_contribution, roth_contribution, match_refund]) AS amount
  FROM corrections
{% endmacro %}
