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
    -- a whole number in the order of employee_id: the windows below sort it faster than text
    ROW_NUMBER() OVER (ORDER BY plan_year.employee_id) AS person,
    GREATEST(plan_year.plan_entry_date, plan_year.start_date) AS plan_start,
    rates.first_pay_rate,
    rates.first_raise_date,
    rates.second_pay_rate,
    rates.second_raise_date,
    rates.third_pay_rate,
    {{ cents(window_pay('GREATEST(plan_year.plan_entry_date, plan_year.start_date)', 'plan_year.last_date', 'rates')) }}
      AS plan_cents,
    COALESCE(match_bands.tiers, []) AS tiers,
    -- the cents of many pay dates do not add up to more than the match of the whole compensation limit
    LEAST(
      {{ match_amount('plan_year.compensation_limit', 'plan_year.compensation_limit', 'COALESCE(match_bands.tiers, [])') }},
      settings.plan__match__dollar_cap
    ) AS most_match
  FROM {{ ref('int_plan_year') }} AS plan_year
  CROSS JOIN settings
  INNER JOIN rates
    ON plan_year.employee_id = rates.employee_id
  LEFT JOIN match_bands
    ON {{ match_band_value('plan_year') }} = match_bands.band_value
  WHERE plan_year.plan_entry_date IS NOT NULL
    AND (plan_year.opening_deferral_rate > 0 OR plan_year.first_date IS NOT NULL)
),

-- a full period at one rate weighs the same whatever its days, so a year at one rate is paid in equal parts
weighted AS (
  SELECT
    participants.person,
    participants.plan_cents,
    periods.period,
    LEAST(periods.period_end, participants.last_date) AS pay_date,
    CAST(LEAST(
      {{ rate_on('LEAST(periods.period_end, participants.last_date)', 'participants') }},
      CASE WHEN participants.catch_up_room > 0 THEN 1 ELSE settings.plan__deferrals__maximum_rate END
    ) AS DECIMAL(9, 6)) AS deferral_rate,
    LEAST(periods.period_end, participants.last_date) >= participants.match_start_date AS is_after_match_start,
    periods.period_end >= participants.last_date AS is_last,
    {{ cent_days(
      'GREATEST(periods.period_start, participants.plan_start)',
      'LEAST(periods.period_end, participants.last_date)',
      'participants'
    ) }} * 10 // (DATE_DIFF('day', periods.period_start, periods.period_end) + 1) AS weight
  FROM participants
  CROSS JOIN settings
  INNER JOIN periods
    ON participants.plan_start <= periods.period_end AND participants.last_date >= periods.period_start
),

shares AS (
  SELECT
    totalled.* EXCLUDE (weight, total_weight),
    {{ part_of('plan_cents', 'weight', 'total_weight') }} AS share_cents
  FROM (
    SELECT
      *,
      CAST(SUM(weight) OVER (PARTITION BY person) AS BIGINT) AS total_weight
    FROM weighted
  ) AS totalled
),

paid AS (
  SELECT
    person,
    period,
    pay_date,
    is_after_match_start,
    deferral_rate,
    CAST({{ from_cents('CASE WHEN is_last THEN plan_cents - SUM(share_cents) OVER (PARTITION BY person) + share_cents ELSE share_cents END') }}
      AS DECIMAL(18, 2)) AS plan_pay
  FROM shares
),

elected AS (
  SELECT
    paid.*,
    LEAST({{ share_of('paid.plan_pay', 'paid.deferral_rate') }}, paid.plan_pay) AS desired,
    LEAST(
      {{ share_of('paid.plan_pay', 'LEAST(paid.deferral_rate, settings.plan__deferrals__maximum_rate)') }},
      paid.plan_pay
    ) AS permitted
  FROM paid
  CROSS JOIN settings
),

cumulated AS (
  SELECT
    elected.*,
    CAST(SUM(desired) OVER year_to_date AS DECIMAL(18, 2)) AS desired_to_date,
    CAST(SUM(permitted) OVER year_to_date AS DECIMAL(18, 2)) AS permitted_to_date,
    CASE WHEN is_after_match_start THEN plan_pay ELSE 0 END AS match_pay,
    CAST(SUM(match_pay) OVER year_to_date AS DECIMAL(18, 2)) AS match_pay_to_date
  FROM elected
  WINDOW year_to_date AS (PARTITION BY person ORDER BY period ROWS UNBOUNDED PRECEDING)
),

-- IRC 402(g), 414(v): in order of date, the first dollars up to the plan's maximum and the statutory limit are regular,
-- the next, whichever of the two they exceed (26 CFR 1.414(v)-1(b)(1)), are catch-up
limited AS (
  SELECT
    cumulated.*,
    participants.employee_id,
    participants.roth_share,
    participants.must_catch_up_roth,
    participants.is_match_eligible AND cumulated.is_after_match_start AS is_matched,
    participants.tiers,
    participants.most_match,
    {{ within_limit('permitted', 'permitted_to_date', 'elective_deferral_limit') }} AS regular,
    LEAST(permitted_to_date, elective_deferral_limit) AS regular_to_date,
    LEAST(desired_to_date, regular_to_date + catch_up_room) AS deferral_to_date,
    deferral_to_date - LEAST(
      desired_to_date - desired, LEAST(permitted_to_date - permitted, elective_deferral_limit) + catch_up_room
    ) AS deferral,
    -- IRC 401(a)(17): pay above the limit earns no employer money; it does not stop deferrals
    {{ within_limit('match_pay', 'match_pay_to_date', 'compensation_limit') }} AS capped_pay
  FROM cumulated
  INNER JOIN participants
    ON cumulated.person = participants.person
),

split AS (
  SELECT
    limited.person,
    limited.employee_id,
    limited.period,
    limited.pay_date,
    limited.plan_pay,
    limited.deferral_rate,
    limited.most_match,
    limited.regular_to_date,
    limited.deferral_to_date,
    CAST({{ share_of('regular', 'roth_share') }} AS DECIMAL(18, 2)) AS employee_roth,
    CAST(regular - employee_roth AS DECIMAL(18, 2)) AS employee_pre_tax,
    CAST(CASE
      WHEN must_catch_up_roth THEN deferral - regular
      ELSE {{ share_of('deferral - regular', 'roth_share') }}
    END AS DECIMAL(18, 2)) AS employee_roth_catch_up,
    CAST(deferral - regular - employee_roth_catch_up AS DECIMAL(18, 2)) AS employee_catch_up,
    CAST(CASE
      WHEN settings.plan__match__frequency = 'payroll' AND is_matched
        THEN {{ match_amount('CASE WHEN settings.plan__match__on_catch_up THEN deferral ELSE regular END', 'capped_pay', 'tiers') }}
      ELSE 0
    END AS DECIMAL(18, 2)) AS formula_match
  FROM limited
  CROSS JOIN settings
),

-- what is not Roth is the rest of a total that is known
to_date AS (
  SELECT
    split.*,
    SUM(employee_roth) OVER year_to_date AS employee_roth_to_date,
    regular_to_date - employee_roth_to_date AS employee_pre_tax_to_date,
    SUM(employee_roth_catch_up) OVER year_to_date AS employee_roth_catch_up_to_date,
    deferral_to_date - regular_to_date - employee_roth_catch_up_to_date AS employee_catch_up_to_date,
    SUM(formula_match) OVER year_to_date AS formula_match_to_date
  FROM split
  WINDOW year_to_date AS (PARTITION BY person ORDER BY period ROWS UNBOUNDED PRECEDING)
)

SELECT
  employee_id,
  CAST(period AS INTEGER) AS period,
  pay_date,
  plan_pay,
  deferral_rate,
  {% for source in ['employee_pre_tax', 'employee_roth', 'employee_catch_up', 'employee_roth_catch_up'] %}
  {{ source }},
  CAST({{ source }}_to_date AS DECIMAL(18, 2)) AS {{ source }}_to_date,
  {% endfor %}
  CAST({{ within_limit('formula_match', 'formula_match_to_date', 'most_match') }} AS DECIMAL(18, 2)) AS employer_match,
  CAST(LEAST(formula_match_to_date, most_match) AS DECIMAL(18, 2)) AS employer_match_to_date
FROM to_date
ORDER BY person, period
