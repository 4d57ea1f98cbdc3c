{#
  Branches of the event log about accounts: vesting, exit distribution, forfeiture. They expect in scope: vesting
  (int_vesting), plan_money (int_plan_money), leaver_accounts (int_leaver_accounts) and settings.
#}

{# Only sources in use vest visibly: the match always (census balances are match), the others with a formula. #}
{% macro events_vesting_sql() %}
  SELECT
    steps.employee_id,
    'vesting' AS event_type,
    'vesting' AS event_category,
    steps.change_date AS effective_date,
    75 AS sort_rank,
    steps.vested_share AS rate,
    steps.source,
    CAST(1 AS DOUBLE) AS event_probability,
    TO_JSON(STRUCT_PACK(
      event_type := 'vesting',
      source := steps.source,
      service_years := steps.service_years,
      previous_vested_share := CAST(steps.previous_share AS VARCHAR),
      vested_share := CAST(steps.vested_share AS VARCHAR)
    )) AS event_payload,
    settings.scenario_id AS parameter_scenario_id,
    'settings' AS parameter_source,
    'plan_administration' AS source_system
  FROM (
    SELECT
      vesting.employee_id,
      vesting.change_date,
      vesting.service_years,
      UNNEST(['employer_match', 'employer_nonelective', 'employer_profit_sharing']) AS source,
      -- the top-heavy minimum is nonelective money whatever the formula
      UNNEST([
        TRUE,
        settings.plan__nonelective__formula <> 'none' OR holders.employee_id IS NOT NULL,
        settings.plan__profit_sharing__formula <> 'none'
      ]) AS is_in_use,
      UNNEST([
        vesting.previous_match_share, vesting.previous_nonelective_share, vesting.previous_profit_sharing_share
      ]) AS previous_share,
      UNNEST([vesting.match_share, vesting.nonelective_share, vesting.profit_sharing_share]) AS vested_share
    FROM vesting
    CROSS JOIN settings
    LEFT JOIN (
      SELECT employee_id
      FROM ({{ opening_accounts() }})
      WHERE account = 'employer_nonelective'
      UNION
      SELECT employee_id
      FROM plan_money
      WHERE employer_nonelective > 0
    ) AS holders
      ON vesting.employee_id = holders.employee_id
    WHERE vesting.plan_entry_date <= vesting.change_date
  ) AS steps
  CROSS JOIN settings
  WHERE steps.is_in_use
    AND steps.vested_share > steps.previous_share
{% endmacro %}

{% macro events_distribution_sql() %}
  SELECT
    leaver_accounts.employee_id,
    'distribution' AS event_type,
    leaver_accounts.distribution_reason AS event_category,
    leaver_accounts.event_date AS effective_date,
    95 AS sort_rank,
    leaver_accounts.annual_compensation AS compensation_amount,
    leaver_accounts.distribution_amount AS amount,
    leaver_accounts.account AS source,
    leaver_accounts.distribution_reason AS reason,
    leaver_accounts.level_id,
    CASE
      WHEN leaver_accounts.distribution_reason = 'cash_out' THEN CAST(1 AS DOUBLE)
      ELSE CAST(settings.behavior__distribution_election_rate AS DOUBLE)
    END AS event_probability,
    TO_JSON(STRUCT_PACK(
      event_type := 'distribution',
      source := leaver_accounts.account,
      amount := CAST(leaver_accounts.distribution_amount AS VARCHAR),
      reason := leaver_accounts.distribution_reason
    )) AS event_payload,
    settings.scenario_id AS parameter_scenario_id,
    'settings' AS parameter_source,
    'plan_administration' AS source_system
  FROM leaver_accounts
  CROSS JOIN settings
  WHERE leaver_accounts.distribution_amount > 0
{% endmacro %}

{% macro events_forfeiture_sql() %}
  SELECT
    leaver_accounts.employee_id,
    'forfeiture' AS event_type,
    leaver_accounts.forfeiture_reason AS event_category,
    leaver_accounts.event_date AS effective_date,
    96 AS sort_rank,
    leaver_accounts.annual_compensation AS compensation_amount,
    leaver_accounts.forfeiture_amount AS amount,
    leaver_accounts.account AS source,
    leaver_accounts.forfeiture_reason AS reason,
    leaver_accounts.level_id,
    CAST(1 AS DOUBLE) AS event_probability,
    TO_JSON(STRUCT_PACK(
      event_type := 'forfeiture',
      source := leaver_accounts.account,
      amount := CAST(leaver_accounts.forfeiture_amount AS VARCHAR),
      reason := leaver_accounts.forfeiture_reason,
      account_balance := CAST(leaver_accounts.account_balance AS VARCHAR),
      vested_share := CAST(leaver_accounts.vested_share AS VARCHAR)
    )) AS event_payload,
    settings.scenario_id AS parameter_scenario_id,
    'settings' AS parameter_source,
    'plan_administration' AS source_system
  FROM leaver_accounts
  CROSS JOIN settings
  WHERE leaver_accounts.forfeiture_amount > 0
{% endmacro %}
