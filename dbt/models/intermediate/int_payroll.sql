-- one row per participant and pay date: plan pay, deferrals by source up to the year-to-date limits, match per payroll
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

match_bands AS (
  {{ match_bands() }}
),

periods AS (
  {{ pay_periods() }}
),

rates AS (
  {{ pay_rates(ref('int_person_year')) }}
),

participants AS (
  SELECT
    plan_year.*,
    GREATEST(plan_year.plan_entry_date, plan_year.start_date) AS plan_start,
    rates.first_pay_rate,
    rates.first_raise_date,
    rates.second_pay_rate,
    rates.second_raise_date,
    rates.third_pay_rate,
    {{ cents(window_pay('GREATEST(plan_year.plan_entry_date, plan_year.start_date)', 'plan_year.last_date', 'rates')) }}
      AS plan_cents,
    COALESCE(match_bands.tiers, []) AS tiers
  FROM {{ ref('int_plan_year') }} AS plan_year
  CROSS JOIN settings
  INNER JOIN rates
    ON plan_year.employee_id = rates.employee_id
  LEFT JOIN match_bands
    ON {{ match_band_value('plan_year') }} >= match_bands.band_from
    AND {{ match_band_value('plan_year') }} < match_bands.band_to
  WHERE plan_year.plan_entry_date IS NOT NULL
    AND (plan_year.opening_deferral_rate > 0 OR plan_year.first_date IS NOT NULL)
),

-- a full period at one rate weighs the same whatever its days, so a year at one rate is paid in equal parts
weighted AS (
  SELECT
    participants.*,
    periods.period,
    LEAST(periods.period_end, participants.last_date) AS pay_date,
    periods.period_end >= participants.last_date AS is_last,
    {{ cent_days(
      'GREATEST(periods.period_start, participants.plan_start)',
      'LEAST(periods.period_end, participants.last_date)',
      'participants'
    ) }} * 1000000 // (DATE_DIFF('day', periods.period_start, periods.period_end) + 1) AS weight
  FROM participants
  INNER JOIN periods
    ON periods.period_end >= participants.plan_start AND periods.period_start <= participants.last_date
),

shares AS (
  SELECT
    weighted.*,
    CAST({{ divide_half_up(
      'CAST(plan_cents AS HUGEINT) * weight',
      'SUM(weight) OVER (PARTITION BY employee_id)'
    ) }} AS BIGINT) AS share_cents
  FROM weighted
),

paid AS (
  SELECT
    shares.*,
    CAST({{ from_cents('CASE WHEN is_last THEN plan_cents - SUM(share_cents) OVER (PARTITION BY employee_id) + share_cents ELSE share_cents END') }}
      AS DECIMAL(18, 2)) AS plan_pay,
    CAST(LEAST({{ rate_on('pay_date', 'shares') }}, settings.plan__deferrals__maximum_rate) AS DECIMAL(9, 6)) AS deferral_rate
  FROM shares
  CROSS JOIN settings
),

elected AS (
  SELECT
    paid.*,
    LEAST({{ share_of('plan_pay', 'deferral_rate') }}, plan_pay) AS desired
  FROM paid
),

cumulated AS (
  SELECT
    elected.*,
    CAST(SUM(desired) OVER year_to_date AS DECIMAL(18, 2)) AS desired_to_date,
    CAST(SUM(plan_pay) OVER year_to_date AS DECIMAL(18, 2)) AS pay_to_date
  FROM elected
  WINDOW year_to_date AS (PARTITION BY employee_id ORDER BY period ROWS UNBOUNDED PRECEDING)
),

-- IRC 402(g), 414(v): in order of date, the first dollars up to the limit are regular, the next are catch-up
limited AS (
  SELECT
    cumulated.*,
    LEAST(desired_to_date, elective_deferral_limit) - LEAST(desired_to_date - desired, elective_deferral_limit) AS regular,
    LEAST(desired_to_date, elective_deferral_limit + catch_up_room)
    - LEAST(desired_to_date - desired, elective_deferral_limit + catch_up_room) AS deferral,
    -- IRC 401(a)(17): pay above the limit earns no employer money; it does not stop deferrals
    LEAST(pay_to_date, compensation_limit) - LEAST(pay_to_date - plan_pay, compensation_limit) AS capped_pay
  FROM cumulated
),

split AS (
  SELECT
    limited.*,
    {{ share_of('regular', 'roth_share') }} AS employee_roth,
    CASE
      WHEN must_catch_up_roth THEN deferral - regular
      ELSE {{ share_of('deferral - regular', 'roth_share') }}
    END AS employee_roth_catch_up,
    CASE
      WHEN settings.plan__match__frequency = 'payroll' AND is_match_eligible AND pay_date >= match_start_date
        THEN {{ match_amount('CASE WHEN settings.plan__match__on_catch_up THEN deferral ELSE regular END', 'capped_pay', 'tiers') }}
      ELSE 0
    END AS formula_match
  FROM limited
  CROSS JOIN settings
),

matched AS (
  SELECT
    split.*,
    CAST(SUM(formula_match) OVER (PARTITION BY employee_id ORDER BY period ROWS UNBOUNDED PRECEDING) AS DECIMAL(18, 2))
      AS match_to_date,
    CAST(settings.plan__match__dollar_cap AS DECIMAL(18, 2)) AS dollar_cap
  FROM split
  CROSS JOIN settings
)

SELECT
  employee_id,
  CAST(period AS INTEGER) AS period,
  pay_date,
  plan_pay,
  CAST(capped_pay AS DECIMAL(18, 2)) AS capped_pay,
  deferral_rate,
  CAST(regular - employee_roth AS DECIMAL(18, 2)) AS employee_pre_tax,
  CAST(employee_roth AS DECIMAL(18, 2)) AS employee_roth,
  CAST(deferral - regular - employee_roth_catch_up AS DECIMAL(18, 2)) AS employee_catch_up,
  CAST(employee_roth_catch_up AS DECIMAL(18, 2)) AS employee_roth_catch_up,
  CAST(LEAST(match_to_date, dollar_cap) - LEAST(match_to_date - formula_match, dollar_cap) AS DECIMAL(18, 2)) AS employer_match
FROM matched
ORDER BY employee_id, period
