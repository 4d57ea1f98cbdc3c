-- flow dates cut the year of an account into intervals of constant units: what every Friday of the interval is worked out from
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

prices AS (
  {{ unit_prices() }}
),

-- the number keeps rows of a person together, so that a person's balances are read from a few blocks
accounts AS (
  SELECT
    ROW_NUMBER() OVER () AS account_number,
    employee_id,
    account,
    opening_balance,
    opening_vested_share,
    vested_share,
    vesting_change_date
  FROM {{ ref('fct_participant_accounts') }}
  WHERE simulation_year = {{ var('simulation_year') }}
),

flows AS (
  SELECT
    accounts.account_number,
    events.flow_date,
    events.contribution,
    events.forfeiture,
    events.distribution,
    events.units,
    events.is_emptied
  FROM (
    {{ account_flows() }}
  ) AS events
  INNER JOIN accounts
    ON events.employee_id = accounts.employee_id AND events.account = accounts.account
  UNION ALL
  SELECT
    account_number,
    {{ year_start() }} - 1 AS flow_date,
    CAST(0 AS BIGINT) AS contribution,
    CAST(0 AS BIGINT) AS forfeiture,
    CAST(0 AS BIGINT) AS distribution,
    {{ opening_units('opening_balance') }} AS units,
    FALSE AS is_emptied
  FROM accounts
  WHERE opening_balance > 0
),

intervals AS (
  SELECT
    account_number,
    flow_date AS from_date,
    LEAD(flow_date, 1, {{ year_end() }} + 1) OVER by_date AS to_date,
    CAST(SUM(contribution) OVER by_date AS BIGINT) AS contributions,
    CAST(SUM(forfeiture) OVER by_date AS BIGINT) AS forfeited,
    CAST(SUM(distribution) OVER by_date AS BIGINT) AS distributed,
    CASE WHEN BOOL_OR(is_emptied) OVER by_date THEN 0 ELSE CAST(SUM(units) OVER by_date AS BIGINT) END AS units
  FROM flows
  WINDOW by_date AS (PARTITION BY account_number ORDER BY flow_date ROWS UNBOUNDED PRECEDING)
)

SELECT
  settings.scenario_id,
  settings.plan_design_id,
  {{ var('simulation_year') }} AS simulation_year,
  accounts.employee_id,
  accounts.account AS source,
  {{ fridays_before('intervals.from_date') }} AS first_friday,
  {{ fridays_before('intervals.to_date') }} - 1 AS last_friday,
  accounts.opening_balance,
  {{ money_of_cents('intervals.contributions') }} AS contributions_to_date,
  {{ money_of_cents('intervals.forfeited') }} AS forfeited_to_date,
  {{ money_of_cents('intervals.distributed') }} AS distributed_to_date,
  intervals.units,
  accounts.opening_vested_share,
  accounts.vested_share,
  accounts.vesting_change_date
FROM intervals
INNER JOIN accounts
  ON intervals.account_number = accounts.account_number
CROSS JOIN settings
WHERE {{ fridays_before('intervals.from_date') }} < {{ fridays_before('intervals.to_date') }}
ORDER BY accounts.account_number, intervals.from_date
