-- headcount solve in whole micro-units, so that 12% of 4,378 is exactly what a person computes by hand
WITH settings AS (
  SELECT
    scenario_id,
    plan_design_id,
    CAST(simulation__target_growth_rate * 1000000 AS HUGEINT) AS growth,
    CAST(workforce__total_termination_rate * 1000000 AS HUGEINT) AS termination,
    CAST(workforce__new_hire_termination_rate * 1000000 AS HUGEINT) AS new_hire_termination
  FROM {{ source('inputs', 'settings') }}
),

opening AS (
  SELECT
    CAST(COUNT(*) AS HUGEINT) AS headcount,
    COUNT(*) FILTER (WHERE announced_exit_date <= {{ year_end() }}) AS announced_terminations,
    COUNT(*) FILTER (WHERE announced_exit_date > {{ year_end() }}) AS staying
  FROM {{ ref('int_year_cohort') }}
),

-- who has announced an exit after the year stays: no rate and no shrinking target takes more than the others
targets AS (
  SELECT
    settings.*,
    opening.headcount,
    opening.announced_terminations,
    LEAST(
      GREATEST((settings.termination * opening.headcount + 999999) // 1000000, opening.announced_terminations),
      opening.headcount - opening.staying
    ) AS planned_terminations,
    GREATEST((2 * opening.headcount * (1000000 + settings.growth) + 1000000) // 2000000, opening.staying)
      AS closing_headcount
  FROM opening
  CROSS JOIN settings
),

solved AS (
  SELECT
    targets.*,
    targets.growth * targets.headcount + targets.planned_terminations * 1000000 AS replacement_need,
    CASE
      WHEN replacement_need < 0 THEN 0
      ELSE (replacement_need + 999999 - targets.new_hire_termination) // (1000000 - targets.new_hire_termination)
    END AS hires,
    CASE
      WHEN replacement_need < 0 THEN targets.headcount - targets.closing_headcount
      ELSE targets.planned_terminations
    END AS experienced_terminations
  FROM targets
)

SELECT
  scenario_id,
  plan_design_id,
  {{ var('simulation_year') }} AS simulation_year,
  CAST(headcount AS BIGINT) AS opening_headcount,
  CAST(experienced_terminations AS BIGINT) AS experienced_terminations,
  CAST(announced_terminations AS BIGINT) AS announced_terminations,
  CAST(hires AS BIGINT) AS hires,
  CAST(
    CASE WHEN replacement_need < 0 THEN 0 ELSE headcount - experienced_terminations + hires - closing_headcount END
  AS BIGINT) AS new_hire_terminations,
  CAST(closing_headcount AS BIGINT) AS closing_headcount
FROM solved
