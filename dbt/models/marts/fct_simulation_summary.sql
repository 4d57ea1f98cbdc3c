WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

opening AS (
  SELECT
    COUNT(*) AS opening_headcount,
    COALESCE(SUM(opening_compensation), 0) AS opening_payroll
  FROM {{ ref('int_year_cohort') }}
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
  FROM {{ ref('fct_workforce_snapshot') }}
  WHERE simulation_year = {{ var('simulation_year') }}
)

SELECT
  settings.scenario_id,
  settings.plan_design_id,
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
  {{ money('closing.paid_compensation') }} AS paid_compensation
FROM opening
CROSS JOIN walk
CROSS JOIN closing
CROSS JOIN settings
