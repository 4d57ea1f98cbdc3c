-- one row per person and year on the plan side: entry, elections, and the limits that apply to the person
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

limits AS (
  SELECT *
  FROM {{ ref('int_plan_limits') }}
  WHERE simulation_year = {{ var('simulation_year') }}
),

timeline AS (
  {{ election_timeline() }}
),

-- catch-up room by attained age (IRC 414(v)(2)); above the wage threshold catch-ups must be Roth (414(v)(7))
rooms AS (
  SELECT
    timeline.*,
    limits.elective_deferral_limit,
    limits.compensation_limit,
    limits.roth_catch_up_wage_threshold,
    CASE
      WHEN NOT settings.plan__deferrals__catch_up OR timeline.age < 50 THEN 0
      WHEN settings.plan__deferrals__super_catch_up AND timeline.age BETWEEN 60 AND 63
        THEN COALESCE(limits.super_catch_up_limit, limits.catch_up_limit)
      ELSE limits.catch_up_limit
    END AS age_catch_up_room,
    COALESCE(timeline.prior_year_pay > limits.roth_catch_up_wage_threshold, FALSE) AS must_catch_up_roth
  FROM timeline
  CROSS JOIN limits
  CROSS JOIN settings
)

SELECT
  rooms.employee_id,
  rooms.employee_birth_date,
  rooms.employee_hire_date,
  rooms.start_date,
  rooms.exit_date,
  rooms.last_date,
  rooms.age,
  rooms.tenure,
  rooms.scheduled_hours_per_week,
  CAST(rooms.scheduled_hours_per_week * (DATE_DIFF('day', rooms.start_date, rooms.last_date) + 1) / 7 AS DECIMAL(9, 2))
    AS hours_in_year,
  rooms.prior_year_pay,
  rooms.prior_year_deferrals,
  rooms.prior_year_match,
  rooms.draw_key,
  rooms.satisfied_date,
  rooms.scheduled_entry_date,
  CAST({{ statutory_latest_entry('rooms.employee_birth_date', 'rooms.employee_hire_date') }} AS DATE) AS statutory_latest_entry,
  rooms.plan_entry_date,
  rooms.eligibility_basis,
  rooms.is_newly_eligible,
  CAST(rooms.opening_deferral_rate AS DECIMAL(9, 6)) AS opening_deferral_rate,
  rooms.first_kind,
  rooms.first_date,
  CAST(rooms.first_rate AS DECIMAL(9, 6)) AS first_rate,
  rooms.second_kind,
  rooms.second_date,
  CAST(rooms.second_rate AS DECIMAL(9, 6)) AS second_rate,
  CAST(CASE WHEN settings.plan__deferrals__roth THEN rooms.roth_share ELSE 0 END AS DECIMAL(9, 6)) AS roth_share,
  rooms.automatic_start,
  CAST(rooms.elective_deferral_limit AS DECIMAL(18, 2)) AS elective_deferral_limit,
  CAST(rooms.compensation_limit AS DECIMAL(18, 2)) AS compensation_limit,
  CAST(CASE
    WHEN rooms.must_catch_up_roth AND NOT settings.plan__deferrals__roth THEN 0
    ELSE rooms.age_catch_up_room
  END AS DECIMAL(18, 2)) AS catch_up_room,
  rooms.must_catch_up_roth,
  CAST(rooms.roth_catch_up_wage_threshold AS DECIMAL(18, 2)) AS roth_catch_up_wage_threshold,
  rooms.eligibility_basis = 'service'
    AND (NOT settings.plan__match__eligibility__last_day OR rooms.last_date = {{ year_end() }})
    AND {{ reaches_hours('rooms.start_date', 'rooms.last_date', 'rooms.scheduled_hours_per_week', 'settings.plan__match__eligibility__hours') }}
      AS is_match_eligible,
  {{ months_after('rooms.employee_hire_date', 'settings.plan__match__eligibility__service_months') }} AS match_start_date
FROM rooms
CROSS JOIN settings
ORDER BY rooms.employee_id
