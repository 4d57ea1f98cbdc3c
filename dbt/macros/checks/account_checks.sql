{#
  Rows of mon_data_quality about accounts. They expect in scope: events, accounts (fct_participant_accounts),
  forfeiture_account (fct_forfeiture_account), all of the year, and settings.
#}
{% macro check_account_walk() %}
  SELECT
    'account_walk' AS check_name,
    'error' AS severity,
    COUNT(*) AS checked_rows,
    COUNT(*) FILTER (
      WHERE opening_balance + contributions + earnings - forfeited - distributed <> closing_balance
    ) AS failing_rows,
    CAST(SUM(closing_balance) AS DOUBLE) AS measured,
    CAST(SUM(opening_balance + contributions + earnings - forfeited - distributed) AS DOUBLE) AS expected,
    'opening + contributions + earnings - forfeited - distributed = closing, every account, to the cent' AS detail
  FROM accounts
{% endmacro %}

{# The year opens with what the year before closed with; the first year with the balances of the census. #}
{% macro check_account_opening() %}
  SELECT
    'account_opening' AS check_name,
    'error' AS severity,
    this_year.account_count AS checked_rows,
    CASE WHEN this_year.opening_balance = before.closing_balance THEN 0 ELSE 1 END AS failing_rows,
    CAST(this_year.opening_balance AS DOUBLE) AS measured,
    CAST(before.closing_balance AS DOUBLE) AS expected,
    'opening balances are the closing balances of the year before' AS detail
  FROM (
    SELECT
      COUNT(*) AS account_count,
      COALESCE(SUM(opening_balance), 0) AS opening_balance
    FROM accounts
  ) AS this_year
  CROSS JOIN (
    {%- if is_first_year() %}
    SELECT COALESCE(SUM(account_balance_employee + account_balance_employer), 0) AS closing_balance
    FROM {{ ref('stg_census_data') }}
    {%- else %}
    SELECT COALESCE(SUM(closing_balance), 0) AS closing_balance
    FROM {{ ref('fct_participant_accounts') }}
    WHERE simulation_year = {{ var('simulation_year') }} - 1
    {%- endif %}
  ) AS before
{% endmacro %}

{# No balance is negative, which also says that nobody is paid and forfeits more than there was. #}
{% macro check_account_balances() %}
  SELECT
    'account_balances' AS check_name,
    'error' AS severity,
    COUNT(*) AS checked_rows,
    COUNT(*) FILTER (
      WHERE closing_balance < 0
        OR vested_balance > closing_balance
    ) AS failing_rows,
    CAST(MIN(closing_balance) AS DOUBLE) AS measured,
    CAST(0 AS DOUBLE) AS expected,
    'no balance is negative, no vested balance exceeds its balance' AS detail
  FROM accounts
{% endmacro %}

{% macro check_account_flows() %}
  SELECT
    'account_flows' AS check_name,
    'error' AS severity,
    COUNT(*) AS checked_rows,
    COUNT(*) FILTER (
      WHERE walk.contributions IS DISTINCT FROM log.contributions
        OR walk.forfeited IS DISTINCT FROM log.forfeited
        OR walk.distributed IS DISTINCT FROM log.distributed
    ) AS failing_rows,
    CAST(SUM(walk.contributions) AS DOUBLE) AS measured,
    CAST(SUM(log.contributions) AS DOUBLE) AS expected,
    'contributions, forfeitures and distributions of the accounts are those of the events, by account' AS detail
  FROM (
    SELECT
      account,
      SUM(contributions) AS contributions,
      SUM(forfeited) AS forfeited,
      SUM(distributed) AS distributed
    FROM accounts
    WHERE contributions + forfeited + distributed > 0
    GROUP BY account
  ) AS walk
  FULL OUTER JOIN (
    {{ event_totals_by_account(year_end()) }}
  ) AS log
    ON walk.account = log.account
{% endmacro %}

{# Events up to a day, by account. #}
{% macro event_totals_by_account(to_date) %}
  SELECT
    {{ account_of('source') }} AS account,
    SUM(CASE WHEN event_type = 'contribution' THEN amount ELSE 0 END) AS contributions,
    SUM(CASE WHEN event_type = 'forfeiture' THEN amount ELSE 0 END) AS forfeited,
    SUM(CASE WHEN event_type = 'distribution' THEN amount ELSE 0 END) AS distributed
  FROM events
  WHERE event_type IN ('contribution', 'forfeiture', 'distribution')
    AND effective_date <= {{ to_date }}
  GROUP BY ALL
{% endmacro %}

{% macro check_vested_shares() %}
  SELECT
    'vested_shares' AS check_name,
    'error' AS severity,
    COUNT(*) AS checked_rows,
    COUNT(*) FILTER (
      WHERE vested_share < opening_vested_share
        OR vested_share NOT BETWEEN 0 AND 1
        OR (account LIKE 'employee%' AND vested_share <> 1)
    ) AS failing_rows,
    CAST(SUM(vested_balance) AS DOUBLE) AS measured,
    CAST(NULL AS DOUBLE) AS expected,
    'vested shares never fall, employee money is always vested (IRC 411(a))' AS detail
  FROM accounts
{% endmacro %}

{% macro check_forfeiture_account() %}
  SELECT
    'forfeiture_account' AS check_name,
    'error' AS severity,
    1 AS checked_rows,
    CASE
      WHEN forfeiture_account.incurred = forfeiture_account.used
        + forfeiture_account.closing_held - forfeiture_account.opening_held
        AND forfeiture_account.closing_held >= 0
        AND forfeiture_account.used >= 0
        AND forfeiture_account.employer_cost >= 0
        AND forfeiture_account.incurred = walk.forfeited THEN 0
      ELSE 1
    END AS failing_rows,
    CAST(forfeiture_account.incurred AS DOUBLE) AS measured,
    CAST(walk.forfeited AS DOUBLE) AS expected,
    'forfeitures incurred = used + change in held = forfeited by the accounts, to the cent' AS detail
  FROM forfeiture_account
  CROSS JOIN (
    SELECT COALESCE(SUM(forfeited), 0) AS forfeited
    FROM accounts
  ) AS walk
{% endmacro %}
