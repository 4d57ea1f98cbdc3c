{# IRC 414(w): default deferrals taken out within the window, and the match on them. #}
{% macro events_permissible_withdrawal_sql() %}
  SELECT
    plan_year.employee_id,
    withdrawal.event_type,
    'permissible_withdrawal' AS event_category,
    plan_year.second_date AS effective_date,
    85 AS sort_rank,
    withdrawal.amount,
    withdrawal.source,
    'permissible_withdrawal' AS reason,
    CASE withdrawal.event_type
      WHEN 'distribution' THEN TO_JSON(STRUCT_PACK(
        event_type := 'distribution',
        source := withdrawal.source,
        amount := CAST(withdrawal.amount AS VARCHAR),
        reason := 'permissible_withdrawal'
      ))
      ELSE TO_JSON(STRUCT_PACK(
        event_type := 'forfeiture',
        source := withdrawal.source,
        amount := CAST(withdrawal.amount AS VARCHAR),
        reason := 'permissible_withdrawal',
        account_balance := CAST(withdrawal.amount AS VARCHAR),
        vested_share := {{ rate_text('vesting.previous_match_share') }}
      ))
    END AS event_payload,
    'plan_design' AS parameter_source,
    'plan_administration' AS source_system
  FROM plan_year
  INNER JOIN (
    SELECT
      employee_id,
      'distribution' AS event_type,
      'employee_pre_tax' AS source,
      withdrawn_deferrals AS amount
    FROM plan_money
    UNION ALL
    SELECT
      employee_id,
      'forfeiture' AS event_type,
      'employer_match' AS source,
      withdrawn_match AS amount
    FROM plan_money
  ) AS withdrawal
    ON plan_year.employee_id = withdrawal.employee_id
  INNER JOIN {{ ref('int_vesting') }} AS vesting
    ON plan_year.employee_id = vesting.employee_id
  WHERE plan_year.second_kind = 'opt_out'
    AND withdrawal.amount > 0
{% endmacro %}
