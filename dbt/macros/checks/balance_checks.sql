{#
  Rows of mon_data_quality that price accounts again: payouts, the last Friday and 31 December. They expect in scope:
  events, accounts (fct_participant_accounts), both of the year, and settings.
#}
{# What the payment leaves of an account paid out in full is less than a cent, priced from the events alone. #}
{% macro check_account_payouts() %}
  SELECT
    'account_payouts' AS check_name,
    'error' AS severity,
    COUNT(*) AS checked_rows,
    COUNT(*) FILTER (WHERE ABS(left_over.units) > 1000000) AS failing_rows,
    CAST(MAX(ABS(left_over.units)) / 100000000 AS DOUBLE) AS measured,
    CAST(0 AS DOUBLE) AS expected,
    'an account paid out in full is worth less than a cent afterwards' AS detail
  FROM (
    WITH prices AS (
      {{ unit_prices() }}
    ),

    paid_people AS (
      SELECT DISTINCT employee_id
      FROM events
      WHERE {{ empties_account('event_type', 'reason') }}
    ),

    flows AS (
      {{ account_flows('paid_people') }}
    ),

    moved AS (
      SELECT
        employee_id,
        account,
        SUM(units) AS units
      FROM flows
      GROUP BY employee_id, account
      HAVING BOOL_OR(is_emptied)
    )

    SELECT moved.units + {{ opening_units('accounts.opening_balance') }} AS units
    FROM moved
    INNER JOIN accounts
      ON moved.employee_id = accounts.employee_id AND moved.account = accounts.account
  ) AS left_over
{% endmacro %}

{# On the last Friday the flows to date are those of the events until then. #}
{% macro check_last_friday() %}
  SELECT
    'last_friday' AS check_name,
    'error' AS severity,
    COALESCE(SUM(friday.snapshot_rows), 0) AS checked_rows,
    COALESCE(SUM(friday.broken_rows), 0) + COUNT(*) FILTER (
      WHERE friday.contributions <> COALESCE(log.contributions, 0)
        OR friday.forfeited <> COALESCE(log.forfeited, 0)
        OR friday.distributed <> COALESCE(log.distributed, 0)
    ) AS failing_rows,
    CAST(SUM(friday.contributions) AS DOUBLE) AS measured,
    CAST(SUM(log.contributions) AS DOUBLE) AS expected,
    'flows to the last Friday are those of the events until then, by account' AS detail
  FROM (
    SELECT
      snapshots.source AS account,
      COUNT(*) AS snapshot_rows,
      COUNT(*) FILTER (WHERE snapshots.vested_balance NOT BETWEEN 0 AND snapshots.balance) AS broken_rows,
      SUM(snapshots.contributions_to_date) AS contributions,
      SUM(snapshots.forfeited_to_date) AS forfeited,
      SUM(snapshots.distributed_to_date) AS distributed
    FROM {{ ref('fct_participant_balance_snapshots') }} AS snapshots
    WHERE snapshots.simulation_year = {{ var('simulation_year') }}
      AND snapshots.snapshot_date = {{ last_friday() }}
    GROUP BY snapshots.source
  ) AS friday
  LEFT JOIN (
    {{ event_totals_by_account(last_friday()) }}
  ) AS log
    ON friday.account = log.account
{% endmacro %}

{# Units of the last Friday, moved on by the events after it, are worth the closing balance. #}
{% macro check_year_end_balances() %}
  SELECT
    'year_end_balances' AS check_name,
    'error' AS severity,
    COUNT(*) AS checked_rows,
    COUNT(*) FILTER (
      WHERE moved.opening_balance <> moved.opening_on_friday
        OR moved.closing_balance <> {{ money_of_cents(cents_of_units('moved.units', 'moved.price')) }}
    ) AS failing_rows,
    CAST(SUM({{ money_of_cents(cents_of_units('moved.units', 'moved.price')) }}) AS DOUBLE) AS measured,
    CAST(SUM(moved.closing_balance) AS DOUBLE) AS expected,
    'balances of the last Friday and the events after it give the closing balances, to the cent' AS detail
  FROM (
    WITH prices AS (
      {{ unit_prices() }}
    ),

    later AS (
      SELECT
        employee_id,
        account,
        SUM(units) AS units,
        BOOL_OR(is_emptied) AS is_emptied
      FROM (
        {{ account_flows() }}
      )
      WHERE flow_date > {{ last_friday() }}
      GROUP BY employee_id, account
    )

    SELECT
      accounts.opening_balance,
      accounts.closing_balance,
      COALESCE(friday.opening_balance, 0) AS opening_on_friday,
      CASE
        WHEN later.is_emptied THEN 0
        ELSE CAST(COALESCE(friday.units, 0) + COALESCE(later.units, 0) AS BIGINT)
      END AS units,
      prices.price
    FROM accounts
    INNER JOIN prices
      ON prices.price_date = {{ year_end() }}
    LEFT JOIN {{ ref('fct_balance_intervals') }} AS friday
      ON accounts.employee_id = friday.employee_id
      AND accounts.account = friday.source
      AND friday.simulation_year = {{ var('simulation_year') }}
      AND friday.last_friday = {{ fridays_before(last_friday()) }}
    LEFT JOIN later
      ON accounts.employee_id = later.employee_id AND accounts.account = later.account
  ) AS moved
{% endmacro %}

{% macro last_friday() -%} ({{ year_end() }} - CAST((DAYOFWEEK({{ year_end() }}) + 2) % 7 AS INTEGER)) {%- endmacro %}
