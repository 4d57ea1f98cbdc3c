-- what becomes of the accounts of people who have left: paid out, forfeited, or held for a later year (IRC 411(a)(6), 411(a)(11))
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

prices AS (
  {{ unit_prices() }}
),

accounts AS (
  SELECT *
  FROM {{ ref('int_leaver_balances') }}
),

vesting AS (
  SELECT *
  FROM {{ ref('int_vesting') }}
),

-- the share is frozen at exit; the decision stands on the balance of the exit day, or of the opening of the first year
valued AS (
  SELECT
    accounts.*,
    COALESCE(accounts.frozen_share, {{ vested_share_of('accounts.account', 'vesting') }}) AS vested_share,
    {{ cents_of_units('accounts.units', 'prices.price') }} AS exit_cents
  FROM accounts
  INNER JOIN prices
    ON GREATEST(accounts.termination_date, {{ year_start() }} - 1) = prices.price_date
  LEFT JOIN vesting
    ON accounts.employee_id = vesting.employee_id
),

vested AS (
  SELECT
    employee_id,
    SUM({{ vested_cents('exit_cents', 'vested_share') }}) AS vested_total
  FROM valued
  GROUP BY employee_id
),

-- nothing vested at all is a deemed cash-out on the day of exit, whatever the delay; payments before 2024 need consent
-- above 5,000 (SECURE 2.0 section 304)
decided AS (
  SELECT
    valued.*,
    valued.termination_date + settings.plan__forfeitures__distribution_delay_days AS due_date,
    CASE
      WHEN valued.frozen_share IS NOT NULL THEN valued.distribution_reason
      WHEN vested.vested_total <= {{ cents('settings.plan__forfeitures__cash_out_limit') }}
        AND (vested.vested_total <= {{ cents(5000) }} OR GREATEST(due_date, {{ year_start() }}) >= DATE '2024-01-01') THEN 'cash_out'
      WHEN NOT settings.behavior__frozen
        AND {{ draw('distribution_election', 'valued.draw_key') }} < settings.behavior__distribution_election_rate
        THEN 'termination'
    END AS decided_reason,
    CASE
      WHEN valued.frozen_share IS NOT NULL THEN valued.distribution_date
      WHEN vested.vested_total = 0 THEN valued.termination_date
      WHEN decided_reason IS NOT NULL THEN due_date
    END AS decided_date,
    {{ fifth_break('valued.employee_hire_date', 'valued.termination_date', 'valued.scheduled_hours_per_week') }}
      AS break_date
  FROM valued
  INNER JOIN vested
    ON valued.employee_id = vested.employee_id
  CROSS JOIN settings
),

-- what fell due before the first year but was not done yet happens on its first day
dated AS (
  SELECT
    decided.*,
    CASE
      WHEN decided.decided_date <= {{ year_end() }} THEN GREATEST(decided.decided_date, {{ year_start() }})
    END AS payout_date,
    CASE
      WHEN decided.break_date <= {{ year_end() }} AND decided.vested_share < 1
        THEN GREATEST(decided.break_date, {{ year_start() }})
    END AS forfeiture_date
  FROM decided
),

settled AS (
  SELECT
    dated.*,
    LEAST(dated.payout_date, dated.forfeiture_date) AS event_date,
    COALESCE(dated.payout_date <= dated.forfeiture_date, dated.payout_date IS NOT NULL) AS is_paid_out,
    COALESCE({{ cents_of_units('dated.units', 'prices.price') }}, 0) AS event_cents,
    {{ vested_cents('event_cents', 'dated.vested_share') }} AS vested_event_cents
  FROM dated
  LEFT JOIN prices
    ON LEAST(dated.payout_date, dated.forfeiture_date) = prices.price_date
)

SELECT
  employee_id,
  account,
  is_former,
  termination_date,
  level_id,
  annual_compensation,
  vested_share,
  decided_date AS distribution_date,
  decided_reason AS distribution_reason,
  break_date,
  event_date,
  CAST({{ from_cents('event_cents') }} AS DECIMAL(18, 2)) AS account_balance,
  CAST(CASE WHEN is_paid_out THEN {{ from_cents('vested_event_cents') }} ELSE 0 END AS DECIMAL(18, 2))
    AS distribution_amount,
  CAST({{ from_cents('event_cents - vested_event_cents') }} AS DECIMAL(18, 2)) AS forfeiture_amount,
  CASE
    WHEN event_cents = vested_event_cents THEN NULL
    WHEN is_paid_out THEN 'unvested_termination'
    ELSE 'break_in_service'
  END AS forfeiture_reason
FROM settled
ORDER BY employee_id, account
