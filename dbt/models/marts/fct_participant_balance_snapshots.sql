{{ config(materialized='unbound_view', tags=['genesis']) }}

-- every account on every Friday; joined by year and not by range, so that one Friday costs one pass over narrow columns
WITH intervals AS (
  SELECT *
  FROM {{ ref('fct_balance_intervals') }}
),

fridays AS (
  SELECT *
  FROM {{ ref('int_fridays') }}
),

valued AS (
  SELECT
    intervals.*,
    fridays.snapshot_date,
    {{ cents_of_units('intervals.units', 'fridays.price') }} AS balance_cents,
    CASE
      WHEN fridays.snapshot_date < intervals.vesting_change_date THEN intervals.opening_vested_share
      ELSE intervals.vested_share
    END AS share_of_day
  FROM intervals
  INNER JOIN fridays
    ON intervals.simulation_year = fridays.simulation_year
    AND intervals.first_friday <= fridays.friday
    AND intervals.last_friday >= fridays.friday
)

SELECT
  scenario_id,
  plan_design_id,
  simulation_year,
  snapshot_date,
  employee_id,
  source,
  contributions_to_date,
  {{ money(
    money_of_cents('balance_cents') ~ ' - opening_balance - contributions_to_date + forfeited_to_date + distributed_to_date'
  ) }} AS earnings_to_date,
  forfeited_to_date,
  distributed_to_date,
  {{ money_of_cents('balance_cents') }} AS balance,
  {{ money_of_cents(vested_cents('balance_cents', 'share_of_day')) }} AS vested_balance
FROM valued
