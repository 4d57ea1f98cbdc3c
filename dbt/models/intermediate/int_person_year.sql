-- one row per person and year: calendar first (start, exit), then pay inside it; every draw is made here, once
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
  {{ distribution(source('inputs', 'termination_reasons'), 'reason') }}
),

merit_months AS (
  {{ distribution(source('inputs', 'merit_months'), 'month') }}
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
  INNER JOIN {{ ref('int_experienced_exits') }} AS exits
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
  FROM {{ ref('int_new_hires') }} AS hires
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
),

-- a raise needs the person to be there before it and after it: nobody is raised on the day of leaving
entitled AS (
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
),

cola AS (
  SELECT
    entitled.*,
    CASE
      WHEN has_cola THEN {{ share_of('opening_compensation', '1 + cola_rate') }}
      ELSE opening_compensation
    END AS cola_compensation
  FROM entitled
),

raised AS (
  SELECT
    cola.*,
    CASE
      WHEN has_promotion AND promotion_comes_first THEN {{ promoted_pay('cola_compensation') }}
      ELSE cola_compensation
    END AS pay_before_merit,
    CASE WHEN has_promotion AND promotion_comes_first THEN next_level_merit_base ELSE merit_base END AS merit_rate,
    CASE WHEN has_promotion AND promotion_comes_first THEN level_id + 1 ELSE level_id END AS merit_level_id,
    CASE WHEN has_merit THEN {{ merit_pay('pay_before_merit') }} ELSE pay_before_merit END AS pay_after_merit,
    CASE WHEN promotion_comes_first THEN cola_compensation ELSE pay_after_merit END AS pay_before_promotion,
    CASE
      WHEN NOT has_promotion THEN pay_before_promotion
      WHEN promotion_comes_first THEN pay_before_merit
      ELSE {{ promoted_pay('pay_after_merit') }}
    END AS pay_after_promotion,
    CASE WHEN promotion_comes_first THEN pay_after_merit ELSE pay_after_promotion END AS closing_compensation
  FROM cola
)

SELECT
  scenario_id,
  plan_design_id,
  employee_id,
  employee_ssn,
  employee_birth_date,
  employee_hire_date,
  is_new_hire,
  start_date,
  exit_date,
  last_date,
  exit_reason,
  exit_probability,
  level_id,
  job_title,
  department,
  scheduled_hours_per_week,
  prior_year_pay,
  ownership_pct,
  is_officer,
  age,
  tenure,
  age_band,
  tenure_band,
  draw_key,
  opening_compensation,
  has_cola AND cola_compensation <> opening_compensation AS has_cola,
  cola_rate,
  cola_compensation,
  has_merit AND pay_after_merit <> pay_before_merit AS has_merit,
  merit_day,
  merit_rate,
  merit_level_id,
  pay_before_merit,
  pay_after_merit,
  has_promotion,
  promotion_day,
  promotion_probability,
  promotion_raise,
  CASE WHEN has_promotion THEN level_id + 1 ELSE level_id END AS closing_level_id,
  pay_before_promotion,
  pay_after_promotion,
  closing_compensation
FROM raised
ORDER BY employee_id
