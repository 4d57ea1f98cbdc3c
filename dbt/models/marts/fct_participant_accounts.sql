-- account walk of the year: last year's closing balances with this year's events folded in
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

prices AS (
  {{ unit_prices() }}
),

opening AS (
  {{ opening_accounts() }}
),

vesting AS (
  SELECT *
  FROM {{ ref('int_vesting') }}
),

leaver_accounts AS (
  SELECT *
  FROM {{ ref('int_leaver_accounts') }}
),

movements AS (
  SELECT
    employee_id,
    account,
    {{ cents('opening_balance') }} AS opening,
    CAST(0 AS BIGINT) AS contribution,
    CAST(0 AS BIGINT) AS forfeiture,
    CAST(0 AS BIGINT) AS distribution,
    {{ opening_units('opening_balance') }} AS units,
    FALSE AS is_emptied
  FROM opening
  UNION ALL
  SELECT
    employee_id,
    account,
    CAST(0 AS BIGINT) AS opening,
    contribution,
    forfeiture,
    distribution,
    units,
    is_emptied
  FROM (
    {{ account_flows() }}
  )
),

totals AS (
  SELECT
    employee_id,
    account,
    CAST(SUM(opening) AS BIGINT) AS opening,
    CAST(SUM(contribution) AS BIGINT) AS contributions,
    CAST(SUM(forfeiture) AS BIGINT) AS forfeited,
    CAST(SUM(distribution) AS BIGINT) AS distributed,
    CAST(SUM(units) AS BIGINT) AS units,
    BOOL_OR(is_emptied) AS is_emptied
  FROM movements
  GROUP BY employee_id, account
),

-- an emptied account holds nothing, not the fraction of a cent that its last units are worth
closed AS (
  SELECT
    totals.*,
    CASE WHEN totals.is_emptied THEN 0 ELSE {{ cents_of_units('totals.units', 'prices.price') }} END AS closing
  FROM totals
  INNER JOIN prices
    ON prices.price_date = {{ year_end() }}
),

shared AS (
  SELECT
    closed.*,
    leaver_accounts.termination_date,
    leaver_accounts.distribution_date,
    leaver_accounts.distribution_reason,
    CASE
      WHEN leaver_accounts.is_former THEN leaver_accounts.vested_share
      ELSE {{ vested_share_of('closed.account', 'vesting', 'previous_') }}
    END AS opening_vested_share,
    CASE
      WHEN leaver_accounts.forfeiture_reason = 'break_in_service' THEN CAST(1 AS DECIMAL(9, 6))
      WHEN leaver_accounts.is_former THEN leaver_accounts.vested_share
      ELSE {{ vested_share_of('closed.account', 'vesting') }}
    END AS vested_share,
    CASE
      WHEN leaver_accounts.forfeiture_reason = 'break_in_service' THEN leaver_accounts.event_date
      ELSE vesting.change_date
    END AS vesting_change_date
  FROM closed
  LEFT JOIN vesting
    ON closed.employee_id = vesting.employee_id
  LEFT JOIN leaver_accounts
    ON closed.employee_id = leaver_accounts.employee_id AND closed.account = leaver_accounts.account
)

SELECT
  settings.scenario_id,
  settings.plan_design_id,
  {{ var('simulation_year') }} AS simulation_year,
  shared.employee_id,
  shared.account,
  {{ money_of_cents('shared.opening') }} AS opening_balance,
  {{ money_of_cents('shared.contributions') }} AS contributions,
  {{ money_of_cents('shared.closing - shared.opening - shared.contributions + shared.forfeited + shared.distributed') }}
    AS earnings,
  {{ money_of_cents('shared.forfeited') }} AS forfeited,
  {{ money_of_cents('shared.distributed') }} AS distributed,
  {{ money_of_cents('shared.closing') }} AS closing_balance,
  shared.opening_vested_share,
  shared.vested_share,
  CASE WHEN shared.vested_share > shared.opening_vested_share THEN shared.vesting_change_date END AS vesting_change_date,
  {{ money_of_cents(vested_cents('shared.closing', 'shared.vested_share')) }} AS vested_balance,
  shared.termination_date,
  shared.distribution_date,
  shared.distribution_reason
FROM shared
CROSS JOIN settings
ORDER BY shared.employee_id, shared.account
