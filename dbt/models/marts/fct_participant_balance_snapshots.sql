-- every account on every Friday: its flow dates cut the year into intervals of constant units, each expanded to Fridays
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

prices AS (
  {{ unit_prices() }}
),

fridays AS (
  SELECT
    {{ fridays_before('price_date') }} AS friday,
    price_date AS snapshot_date,
    price
  FROM prices
  WHERE DAYOFWEEK(price_date) = 5
    AND price_date >= {{ year_start() }}
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
),

ordered AS (
  SELECT *
  FROM intervals
  WHERE from_date < to_date
  ORDER BY account_number, from_date
),

-- numbers are expanded, not the Fridays themselves: a list read from a table is copied for every row
expanded AS (
  SELECT
    accounts.employee_id,
    accounts.account,
    accounts.opening_vested_share,
    accounts.vested_share,
    accounts.vesting_change_date,
    {{ money_of_cents('ordered.contributions') }} AS contributions_to_date,
    {{ money_of_cents('ordered.forfeited') }} AS forfeited_to_date,
    {{ money_of_cents('ordered.distributed') }} AS distributed_to_date,
    {{ cents('accounts.opening_balance') }} + ordered.contributions - ordered.forfeited - ordered.distributed AS invested,
    ordered.units,
    UNNEST(RANGE({{ fridays_before('ordered.from_date') }}, {{ fridays_before('ordered.to_date') }})) AS friday
  FROM ordered
  INNER JOIN accounts
    ON ordered.account_number = accounts.account_number
),

valued AS (
  SELECT
    expanded.*,
    fridays.snapshot_date,
    {{ cents_of_units('expanded.units', 'fridays.price') }} AS balance,
    CASE
      WHEN fridays.snapshot_date < expanded.vesting_change_date THEN expanded.opening_vested_share
      ELSE expanded.vested_share
    END AS share_of_day
  FROM expanded
  INNER JOIN fridays
    ON expanded.friday = fridays.friday
)

SELECT
  settings.scenario_id,
  settings.plan_design_id,
  {{ var('simulation_year') }} AS simulation_year,
  valued.snapshot_date,
  valued.employee_id,
  valued.account AS source,
  valued.contributions_to_date,
  {{ money_of_cents('valued.balance - valued.invested') }} AS earnings_to_date,
  valued.forfeited_to_date,
  valued.distributed_to_date,
  {{ money_of_cents('valued.balance') }} AS balance,
  {{ money_of_cents(vested_cents('valued.balance', 'valued.share_of_day')) }} AS vested_balance
FROM valued
CROSS JOIN settings
