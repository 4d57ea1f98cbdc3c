{#
  Forfeited whatever is vested (IRC 411(a)(3)(G)): the match on returned annual additions, then on refunded deferrals, then
  the unvested part of excess match.
#}
{% macro events_correction_forfeiture_sql() %}
  SELECT
    forfeited.employee_id,
    'forfeiture' AS event_type,
    forfeited.category AS event_category,
    forfeited.posting_date AS effective_date,
    CASE forfeited.category
      WHEN 'excess_annual_addition' THEN 91
      WHEN 'excess_contribution' THEN 92
      ELSE 94
    END AS sort_rank,
    forfeited.amount AS amount,
    'employer_match' AS source,
    forfeited.reason,
    TO_JSON(STRUCT_PACK(
      event_type := 'forfeiture',
      source := 'employer_match',
      amount := CAST(forfeited.amount AS VARCHAR),
      reason := forfeited.reason,
      account_balance := CAST(forfeited.account_balance AS VARCHAR),
      vested_share := {{ rate_text('vesting.match_share') }}
    )) AS event_payload,
    'compliance' AS parameter_source,
    'plan_administration' AS source_system
  FROM (
    {{ forfeited_matches() }}
  ) AS forfeited
  INNER JOIN vesting
    ON forfeited.employee_id = vesting.employee_id
{% endmacro %}

{# The match to forfeit, and the balance of the match account before it. #}
{% macro forfeited_matches() %}
  SELECT
    employee_id,
    posting_date,
    category,
    CASE category WHEN 'excess_aggregate_contribution' THEN category ELSE 'excess_contribution' END AS reason,
    amount,
    account_balance
  FROM (
    SELECT
      employee_id,
      UNNEST([posting_date, {{ year_end() }}, {{ year_end() }}]) AS posting_date,
      UNNEST(['excess_annual_addition', 'excess_contribution', 'excess_aggregate_contribution']) AS category,
      UNNEST([addition_forfeiture, adp_forfeiture, acp_forfeiture]) AS amount,
      UNNEST([match_held, match_left, match_left - adp_forfeiture - match_refund]) AS account_balance
    FROM corrections
  )
  WHERE amount > 0
{% endmacro %}
