WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

cohort AS (
  SELECT *
  FROM {{ ref('int_year_cohort') }}
),

snapshot AS (
  SELECT *
  FROM {{ ref('fct_workforce_snapshot') }}
  WHERE simulation_year = {{ var('simulation_year') }}
),

opening AS (
  SELECT
    COUNT(*) AS opening_headcount,
    COALESCE(SUM(opening_compensation), 0) AS opening_payroll
  FROM cohort
),

events AS (
  SELECT
    event_type,
    event_category,
    compensation_amount,
    compensation_amount - COALESCE(previous_compensation, 0) AS pay_change
  FROM {{ ref('fct_yearly_events') }}
  WHERE simulation_year = {{ var('simulation_year') }}
    AND event_category IN (
      'new_hire', 'cola', 'merit', 'promotion', 'experienced_termination', 'new_hire_termination'
    )
),

walk AS (
  SELECT
    COUNT(*) FILTER (WHERE event_type = 'hire') AS hires,
    COUNT(*) FILTER (WHERE event_category = 'experienced_termination') AS experienced_terminations,
    COUNT(*) FILTER (WHERE event_category = 'new_hire_termination') AS new_hire_terminations,
    COUNT(*) FILTER (WHERE event_type = 'promotion') AS promotions,
    COALESCE(SUM(pay_change) FILTER (WHERE event_type = 'cola'), 0) AS cola_payroll,
    COALESCE(SUM(pay_change) FILTER (WHERE event_type = 'merit'), 0) AS merit_payroll,
    COALESCE(SUM(pay_change) FILTER (WHERE event_type = 'promotion'), 0) AS promotion_payroll,
    COALESCE(SUM(compensation_amount) FILTER (WHERE event_type = 'hire'), 0) AS hire_payroll,
    COALESCE(SUM(compensation_amount) FILTER (WHERE event_type = 'termination'), 0) AS exit_payroll
  FROM events
),

closing AS (
  SELECT
    COUNT(*) FILTER (WHERE employment_status = 'active') AS closing_headcount,
    COALESCE(SUM(current_compensation) FILTER (WHERE employment_status = 'active'), 0) AS closing_payroll,
    COALESCE(SUM(prorated_annual_compensation), 0) AS paid_compensation
  FROM snapshot
),

-- those employed from one 31 December to the next
continuing AS (
  SELECT
    COALESCE(SUM(cohort.opening_compensation), 0) AS opening_pay,
    COALESCE(SUM(snapshot.current_compensation), 0) AS closing_pay
  FROM cohort
  INNER JOIN snapshot
    ON cohort.employee_id = snapshot.employee_id
  WHERE snapshot.detailed_status_code = 'continuous_active'
),

-- rates of 31 December: participants and eligible people still employed; money of everybody in the year
plan AS (
  SELECT
    COUNT(*) FILTER (WHERE employment_status = 'active' AND plan_entry_date <= {{ year_end() }}) AS eligible,
    COUNT(*) FILTER (WHERE employment_status = 'active' AND is_participating) AS participants,
    COALESCE(SUM(deferral_rate) FILTER (WHERE employment_status = 'active' AND is_participating), 0) AS deferral_rates,
    COALESCE(SUM(employee_pre_tax + employee_roth + employee_catch_up), 0) AS employee_contributions,
    COALESCE(SUM(employer_match), 0) AS employer_match,
    COALESCE(SUM(employer_nonelective), 0) AS employer_nonelective,
    COALESCE(SUM(employer_profit_sharing), 0) AS employer_profit_sharing,
    COALESCE(SUM(forfeiture_allocation), 0) AS forfeitures_allocated,
    COALESCE(SUM(plan_compensation) FILTER (
      WHERE employee_pre_tax + employee_roth + employee_catch_up + employer_match + employer_nonelective
        + employer_profit_sharing > 0
    ), 0) AS participant_compensation
  FROM snapshot
),

-- the whole plan: people who left in earlier years may still have accounts, and are in no snapshot of this year
accounts AS (
  SELECT
    COALESCE(SUM(closing_balance), 0) AS account_balances,
    COALESCE(SUM(vested_balance), 0) AS vested_balances
  FROM {{ ref('fct_participant_accounts') }}
  WHERE simulation_year = {{ var('simulation_year') }}
),

forfeitures AS (
  SELECT *
  FROM {{ ref('fct_forfeiture_account') }}
  WHERE simulation_year = {{ var('simulation_year') }}
)

SELECT
  settings.scenario_id,
  settings.plan_design_id,
  settings.plan__plan_id AS plan_id,
  {{ var('simulation_year') }} AS simulation_year,
  opening.opening_headcount,
  walk.hires,
  walk.experienced_terminations,
  walk.new_hire_terminations,
  closing.closing_headcount,
  walk.promotions,
  {{ money('opening.opening_payroll') }} AS opening_payroll,
  {{ money('walk.cola_payroll') }} AS cola_payroll,
  {{ money('walk.merit_payroll') }} AS merit_payroll,
  {{ money('walk.promotion_payroll') }} AS promotion_payroll,
  {{ money('walk.hire_payroll') }} AS hire_payroll,
  {{ money('walk.exit_payroll') }} AS exit_payroll,
  {{ money('closing.closing_payroll') }} AS closing_payroll,
  {{ money('closing.paid_compensation') }} AS paid_compensation,
  plan.eligible,
  plan.participants,
  {{ rate(ratio('plan.participants', 'plan.eligible')) }} AS participation_rate,
  {{ rate(ratio('plan.deferral_rates', 'plan.participants')) }} AS average_deferral_rate,
  {{ rate(ratio('plan.deferral_rates', 'plan.eligible')) }} AS average_deferral_rate_eligible,
  {{ money('plan.employee_contributions') }} AS employee_contributions,
  {{ money('plan.employer_match') }} AS employer_match,
  {{ money('plan.employer_nonelective') }} AS employer_nonelective,
  {{ money('plan.employer_profit_sharing') }} AS employer_profit_sharing,
  {{ money('plan.forfeitures_allocated') }} AS forfeitures_allocated,
  forfeitures.gross_employer_contributions - forfeitures.employer_cost AS forfeitures_instead_of_cash,
  forfeitures.employer_cost,
  {{ money('plan.participant_compensation') }} AS participant_compensation,
  {{ rate(ratio('forfeitures.employer_cost', 'plan.participant_compensation')) }} AS employer_cost_rate,
  {{ rate(ratio('plan.employer_match', 'plan.participant_compensation')) }} AS employer_match_rate,
  {{ rate(ratio('plan.employer_nonelective', 'plan.participant_compensation')) }} AS employer_nonelective_rate,
  {{ rate(ratio('plan.employer_profit_sharing', 'plan.participant_compensation')) }} AS employer_profit_sharing_rate,
  forfeitures.incurred AS forfeitures_incurred,
  forfeitures.used AS forfeitures_used,
  forfeitures.closing_held AS forfeitures_held,
  {{ money('accounts.account_balances') }} AS account_balances,
  {{ money('accounts.vested_balances') }} AS vested_balances,
  {{ rate(growth('closing.closing_headcount', 'opening.opening_headcount')) }} AS headcount_growth,
  {{ rate(ratio(
    '(walk.experienced_terminations + walk.new_hire_terminations) * 2',
    '(opening.opening_headcount + closing.closing_headcount)'
  )) }} AS turnover,
  {{ rate(ratio('walk.promotions', 'opening.opening_headcount')) }} AS promotion_rate,
  {{ rate(growth('closing.closing_payroll', 'opening.opening_payroll')) }} AS payroll_growth,
  {{ money(ratio('opening.opening_payroll', 'opening.opening_headcount')) }} AS opening_average_pay,
  {{ money(ratio('closing.closing_payroll', 'closing.closing_headcount')) }} AS average_pay,
  {{ rate(growth(
    'closing.closing_payroll * opening.opening_headcount', 'opening.opening_payroll * closing.closing_headcount'
  )) }} AS average_pay_growth,
  {{ rate(growth('continuing.closing_pay', 'continuing.opening_pay')) }} AS pay_growth
FROM opening
CROSS JOIN walk
CROSS JOIN closing
CROSS JOIN continuing
CROSS JOIN plan
CROSS JOIN accounts
CROSS JOIN forfeitures
CROSS JOIN settings
