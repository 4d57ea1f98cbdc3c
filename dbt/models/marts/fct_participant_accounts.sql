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
    opening_balance,
    CAST(0 AS DECIMAL(18, 2)) AS contribution,
    CAST(0 AS DECIMAL(18, 2)) AS forfeiture,
    CAST(0 AS DECIMAL(18, 2)) AS distribution,
    {{ opening_units('opening_balance') }} AS units,
    CAST(NULL AS DATE) AS flow_date,
    FALSE AS is_emptied
  FROM opening
  UNION ALL
  {{ account_flows() }}
),

totals AS (
  SELECT
    employee_id,
    account,
    SUM(opening_balance) AS opening_balance,
    SUM(contribution) AS contributions,
    SUM(forfeiture) AS forfeited,
    SUM(distribution) AS distributed,
    CAST(SUM(units) AS BIGINT) AS units,
    BOOL_OR(is_emptied) AS is_emptied
  FROM movements
  GROUP BY employee_id, account
),

-- an emptied account holds nothing, not the fraction of a cent that its last units are worth
closed AS (
  SELECT
    totals.*,
    CASE WHEN totals.is_emptied THEN 0 ELSE {{ cents_of_units('totals.units', 'prices.price') }} END AS closing_cents
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
  {{ money('shared.opening_balance') }} AS opening_balance,
  {{ money('shared.contributions') }} AS contributions,
  {{ money(
    from_cents('shared.closing_cents')
      ~ ' - shared.opening_balance - shared.contributions + shared.forfeited + shared.distributed'
  ) }} AS earnings,
  {{ money('shared.forfeited') }} AS forfeited,
  {{ money('shared.distributed') }} AS distributed,
  {{ money(from_cents('shared.closing_cents')) }} AS closing_balance,
  shared.opening_vested_share,
  shared.vested_share,
  CASE WHEN shared.vested_share > shared.opening_vested_share THEN shared.vesting_change_date END AS vesting_change_date,
  {{ money(from_cents(vested_cents('shared.closing_cents', 'shared.vested_share'))) }} AS vested_balance,
  shared.termination_date,
  shared.distribution_date,
  shared.distribution_reason
FROM shared
CROSS JOIN settings
ORDER BY shared.employee_id, shared.account
