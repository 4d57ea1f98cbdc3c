{#
  The year's people with their calendar and the raises they are entitled to; the remaining workforce draws are made here.
#}
{% macro entitled_raises() %}
  WITH settings AS (
    SELECT *
    FROM {{ source('inputs', 'settings') }}
  ),

  parameters AS (
    SELECT *
    FROM {{ ref('int_effective_parameters') }}
    WHERE simulation_year = {{ var('simulation_year') }}
  ),

  job_levels AS (
    SELECT *
    FROM {{ source('inputs', 'job_levels') }}
  ),

  reasons AS (
    {{ choice_bounds(source('inputs', 'termination_reasons'), 'reason') }}
  ),

  merit_months AS (
    {{ choice_bounds(source('inputs', 'merit_months'), 'month') }}
  ),

  people AS (
    SELECT
      cohort.scenario_id,
      cohort.plan_design_id,
      cohort.employee_id,
      cohort.employee_ssn,
      cohort.employee_birth_date,
      cohort.employee_hire_date,
      FALSE AS is_new_hire,
      {{ year_start() }} AS start_date,
      exits.exit_date,
      exits.exit_probability,
      cohort.level_id,
      cohort.opening_compensation,
      cohort.job_title,
      cohort.department,
      cohort.scheduled_hours_per_week,
      cohort.prior_year_pay,
      cohort.ownership_pct,
      cohort.is_officer,
      cohort.age,
      cohort.tenure,
      cohort.age_band,
      cohort.tenure_band,
      cohort.age_promotion_multiplier,
      cohort.tenure_promotion_multiplier,
      cohort.draw_key
    FROM {{ ref('int_year_cohort') }} AS cohort
    INNER JOIN ({{ experienced_exits() }}) AS exits
      ON cohort.employee_id = exits.employee_id
    UNION ALL
    SELECT
      hires.scenario_id,
      hires.plan_design_id,
      hires.employee_id,
      CAST(NULL AS VARCHAR) AS employee_ssn,
      hires.employee_birth_date,
      hires.employee_hire_date,
      TRUE AS is_new_hire,
      hires.employee_hire_date AS start_date,
      hires.exit_date,
      hires.exit_probability,
      hires.level_id,
      CAST(hires.starting_compensation AS DECIMAL(18, 2)) AS opening_compensation,
      CAST(NULL AS VARCHAR) AS job_title,
      CAST(NULL AS VARCHAR) AS department,
      CAST(hires.scheduled_hours_per_week AS DECIMAL(9, 6)) AS scheduled_hours_per_week,
      CAST(0 AS DECIMAL(18, 2)) AS prior_year_pay,
      CAST(0 AS DECIMAL(9, 6)) AS ownership_pct,
      FALSE AS is_officer,
      hires.age,
      CAST(0 AS BIGINT) AS tenure,
      hires.age_band,
      hires.tenure_band,
      hires.age_promotion_multiplier,
      hires.tenure_promotion_multiplier,
      hires.draw_key
    FROM ({{ new_hires() }}) AS hires
  ),

  planned AS (
    SELECT
      people.*,
      COALESCE(people.exit_date, {{ year_end() }}) AS last_date,
      reasons.reason AS drawn_reason,
      MAKE_DATE({{ var('simulation_year') }}, merit_months.month, settings.compensation__merit__day) AS merit_day,
      MAKE_DATE(
        {{ var('simulation_year') }}, settings.compensation__promotion__month, settings.compensation__promotion__day
      ) AS promotion_day,
      parameters.cola_rate,
      parameters.promotion_raise,
      CASE
        WHEN next_level.level_id IS NULL THEN 0
        ELSE LEAST(1, ROUND(
          CAST(parameters.promotion_probability AS DOUBLE)
          * CAST(people.age_promotion_multiplier AS DOUBLE)
          * CAST(people.tenure_promotion_multiplier AS DOUBLE),
          12
        ))
      END AS promotion_probability,
      next_level.minimum_compensation AS next_level_minimum,
      parameters.merit_base,
      next_parameters.merit_base AS next_level_merit_base
    FROM people
    CROSS JOIN settings
    ASOF JOIN reasons
      ON {{ draw('exit_reason', 'people.draw_key') }} >= reasons.lower_bound
    ASOF JOIN merit_months
      ON {{ draw('merit_month', 'people.draw_key') }} >= merit_months.lower_bound
    INNER JOIN parameters
      ON people.level_id = parameters.level_id
    LEFT JOIN job_levels AS next_level
      ON people.level_id + 1 = next_level.level_id
    LEFT JOIN parameters AS next_parameters
      ON people.level_id + 1 = next_parameters.level_id
  )

  -- a raise needs the person to be there before it and after it: nobody is raised on the day of leaving
  SELECT
    planned.*,
    CASE
      WHEN planned.exit_date IS NULL THEN NULL
      WHEN {{ attained_age('planned.exit_date', 'planned.employee_birth_date') }} >= settings.workforce__retirement_minimum_age
        AND {{ completed_tenure('planned.exit_date', 'planned.employee_hire_date') }}
        >= settings.workforce__retirement_minimum_tenure THEN 'retirement'
      ELSE planned.drawn_reason
    END AS exit_reason,
    NOT planned.is_new_hire
      AND COALESCE(planned.exit_date > {{ year_start() }}, TRUE) AS has_cola,
    planned.tenure >= settings.compensation__promotion__minimum_tenure
      AND planned.age < settings.compensation__promotion__maximum_age
      AND planned.start_date <= planned.promotion_day
      AND COALESCE(planned.exit_date > planned.promotion_day, TRUE)
      AND {{ draw('promotion', 'planned.draw_key') }} < planned.promotion_probability AS has_promotion,
    planned.tenure >= settings.compensation__merit__minimum_tenure
      AND planned.start_date <= planned.merit_day
      AND COALESCE(planned.exit_date > planned.merit_day, TRUE) AS has_merit,
    planned.promotion_day < planned.merit_day AS promotion_comes_first,
    settings.compensation__compounding AS compounding
  FROM planned
  CROSS JOIN settings
{% endmacro %}
