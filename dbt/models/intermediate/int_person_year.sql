-- one row per person and year: calendar first (start, exit), then pay inside it, raises compounding in order of date
WITH entitled AS (
  {{ entitled_raises() }}
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
