{# Forfeited whatever is vested (IRC 411(a)(3)(G)): the match on returned annual additions, then on failed tests. #}
{% macro events_correction_forfeiture_sql() %}
  SELECT
    forfeited.employee_id,
    'forfeiture' AS event_type,
    forfeited.category AS event_category,
    forfeited.posting_date AS effective_date,
    94 AS sort_rank,
    forfeited.amount AS amount,
    'employer_match' AS source,
    'excess_contribution' AS reason,
    TO_JSON(STRUCT_PACK(
      event_type := 'forfeiture',
      source := 'employer_match',
      amount := CAST(forfeited.amount AS VARCHAR),
      reason := 'excess_contribution',
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

{# The match to forfeit and the balance of the match account on that day, after the refund of excess match. #}
{% macro forfeited_matches() %}
  WITH owed AS (
    {{ corrections_by_person() }}
  )

  SELECT
    owed.employee_id,
    owed.posting_date,
    forfeits.category,
    forfeits.amount,
    CAST(
      owed.match_held - owed.match_refund
      - CASE forfeits.category WHEN 'excess_contribution' THEN owed.addition_forfeiture ELSE 0 END
    AS DECIMAL(18, 2)) AS account_balance
  FROM owed
  INNER JOIN (
    SELECT
      employee_id,
      UNNEST(['excess_annual_addition', 'excess_contribution']) AS category,
      UNNEST([addition_forfeiture, test_forfeiture]) AS amount
    FROM owed
  ) AS forfeits
    ON owed.employee_id = forfeits.employee_id
  WHERE forfeits.amount > 0
{% endmacro %}
