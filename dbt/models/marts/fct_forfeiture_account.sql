-- the plan's forfeiture account: incurred = used + change in held, to the cent
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

opening AS (
  SELECT opening_held
  FROM ({{ forfeitures_available() }})
),

movements AS (
  SELECT
    CAST(COALESCE(SUM(amount) FILTER (WHERE event_type = 'forfeiture'), 0) AS DECIMAL(18, 2)) AS incurred,
    CAST(COALESCE(SUM(amount) FILTER (
      WHERE event_type = 'forfeiture' AND reason = 'excess_aggregate_contribution'
    ), 0) AS DECIMAL(18, 2)) AS incurred_excess_match,
    CAST(COALESCE(SUM(amount) FILTER (WHERE source = 'forfeiture_allocation'), 0) AS DECIMAL(18, 2)) AS reallocated,
    CAST(COALESCE(SUM(amount) FILTER (
      WHERE event_type = 'contribution'
        AND source IN (
          'employer_match', 'employer_match_true_up', 'employer_nonelective', 'employer_profit_sharing'
        )
    ), 0) AS DECIMAL(18, 2)) AS gross_employer_contributions
  FROM {{ ref('fct_yearly_events') }}
  WHERE simulation_year = {{ var('simulation_year') }}
    AND event_type IN ('contribution', 'forfeiture')
),

used AS (
  SELECT
    opening.opening_held,
    movements.*,
    settings.plan__forfeitures__use AS forfeiture_use,
    CASE settings.plan__forfeitures__use
      WHEN 'reduce_employer_contributions'
        THEN LEAST(opening.opening_held + movements.incurred, movements.gross_employer_contributions)
      WHEN 'pay_expenses' THEN opening.opening_held + movements.incurred
      WHEN 'reallocate' THEN movements.reallocated
    END AS used
  FROM opening
  CROSS JOIN movements
  CROSS JOIN settings
)

SELECT
  settings.scenario_id,
  settings.plan_design_id,
  {{ var('simulation_year') }} AS simulation_year,
  used.forfeiture_use,
  {{ money('used.opening_held') }} AS opening_held,
  {{ money('used.incurred') }} AS incurred,
  {{ money('used.incurred_excess_match') }} AS incurred_excess_match,
  {{ money('used.used') }} AS used,
  {{ money('used.opening_held + used.incurred - used.used') }} AS closing_held,
  {{ money('used.gross_employer_contributions') }} AS gross_employer_contributions,
  {{ money(
    "used.gross_employer_contributions - CASE WHEN used.forfeiture_use = 'reduce_employer_contributions' THEN used.used ELSE 0 END"
  ) }} AS employer_cost
FROM used
CROSS JOIN settings
