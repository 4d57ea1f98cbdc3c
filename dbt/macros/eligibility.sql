{#
  Eligibility and entry, IRC 410(a). Hours are scheduled hours per week x days employed / 7. The macros read the
  settings columns from a relation aliased `settings`.
#}

{# Whether the hours scheduled in so many days reach a requirement: times 7 on both sides, to be exact. #}
{% macro days_reach_hours(days, weekly_hours, required_hours) -%}
  {{ weekly_hours }} * {{ days }} >= 7 * {{ required_hours }}
{%- endmacro %}

{# The same of the days from one to another, both included. #}
{% macro reaches_hours(first_day, last_day, weekly_hours, required_hours) -%}
  {{ days_reach_hours("(DATE_DIFF('day', " ~ first_day ~ ', ' ~ last_day ~ ') + 1)', weekly_hours, required_hours) }}
{%- endmacro %}

{#
  First day after the first twelve months, or, when their hours stay below the requirement, the end of the first plan
  year that begins within or after them and reaches it (IRC 410(a)(3)(A)); NULL for never. Weekly hours are constant, so
  only a leap year, with its one day more, can reach what twelve months did not.
#}
{% macro service_requirement_met(hire_date, weekly_hours) -%}
  CASE
    WHEN settings.plan__eligibility__hours_required = 0
      THEN {{ months_after(hire_date, 'settings.plan__eligibility__service_months') }}
    WHEN {{ reaches_hours(hire_date, months_after(hire_date, 12) ~ ' - 1', weekly_hours, 'settings.plan__eligibility__hours_required') }}
      THEN {{ months_after(hire_date, 12) }}
    WHEN {{ days_reach_hours(366, weekly_hours, 'settings.plan__eligibility__hours_required') }}
      THEN MAKE_DATE(CAST((YEAR({{ hire_date }}) + 4) // 4 * 4 AS INTEGER), 12, 31)
  END
{%- endmacro %}

{#
  Long-term part-time (IRC 401(k)(2)(D)(ii), 401(k)(15)): the day after two consecutive 12-month periods of at least 500
  hours that begin in 2023 or later, or three that begin in 2021 or later (before SECURE 2.0 section 125), whichever is
  complete first. The first runs from the hire, the next are the plan years from the one that begins within it
  (401(k)(15)(D), 410(a)(3)(A)). Weekly hours are constant, so where 365 days do not reach 500 hours, only twelve months and
  a plan year with the same 29 February in both do.
#}
{% macro long_term_part_time_met(hire_date, weekly_hours) -%}
  CASE
    WHEN settings.plan__eligibility__hours_required > 0 AND {{ days_reach_hours(365, weekly_hours, 500) }}
      THEN MAKE_DATE(
        CAST(LEAST(GREATEST(2023, YEAR({{ hire_date }})) + 2, GREATEST(2021, YEAR({{ hire_date }})) + 3) AS INTEGER), 1, 1
      )
    WHEN settings.plan__eligibility__hours_required > 0 AND {{ days_reach_hours(366, weekly_hours, 500) }}
      AND {{ hire_date }} >= '2023-03-01'
      AND MONTH({{ hire_date }}) >= 3
      AND YEAR({{ hire_date }}) % 4 = 3
      THEN MAKE_DATE(CAST(YEAR({{ hire_date }}) + 2 AS INTEGER), 1, 1)
  END
{%- endmacro %}

{#
  Day both age and service are satisfied, NULL for never. The relation has the days that service_requirement_met and
  long_term_part_time_met gave as service_met_date and part_time_met_date.
#}
{% macro eligibility_satisfied(birth_date, hire_date) -%}
  CASE
    WHEN COALESCE(service_met_date, part_time_met_date) IS NOT NULL THEN GREATEST(
      {{ minimum_age_reached(birth_date) }},
      LEAST(service_met_date, part_time_met_date),
      {{ hire_date }}
    )
  END
{%- endmacro %}

{% macro minimum_age_reached(birth_date) -%}
  {{ months_after(birth_date, '12 * settings.plan__eligibility__minimum_age') }}
{%- endmacro %}

{#
  Long-term part-timers are those who are eligible by that alone (IRC 401(k)(15)(B)(i)), so not who has completed a year of
  service when the age is reached. Nobody enters as one before the periods are complete, so an entry date in the census
  that is earlier was by service.
#}
{% macro eligibility_basis(birth_date, census_entry) -%}
  CASE
    WHEN part_time_met_date IS NULL
      OR service_met_date <= GREATEST(part_time_met_date, {{ minimum_age_reached(birth_date) }})
      OR {{ census_entry }} < part_time_met_date THEN 'service'
    ELSE 'long_term_part_time'
  END
{%- endmacro %}

{# The plan's entry date coincident with or next following the day of satisfaction. #}
{% macro entry_date(satisfied) -%}
  CASE settings.plan__eligibility__entry_dates
    WHEN 'immediate' THEN {{ satisfied }}
    WHEN 'monthly' THEN {{ next_period_start(satisfied, 1) }}
    WHEN 'quarterly' THEN {{ next_period_start(satisfied, 3) }}
    WHEN 'semiannual' THEN {{ next_period_start(satisfied, 6) }}
    WHEN 'annual' THEN {{ next_period_start(satisfied, 12) }}
  END
{%- endmacro %}

{% macro next_period_start(day, months) -%}
  {%- set year = "DATE_TRUNC('year', " ~ day ~ ' - 1)' -%}
  CAST(
    {{ year }}
    + TO_MONTHS(CAST((DATE_DIFF('month', {{ year }}, {{ day }} - 1) // {{ months }} + 1) * {{ months }} AS INTEGER))
  AS DATE)
{%- endmacro %}

{# IRC 410(a)(4): the earlier of the next plan year and six months after age and a year of service are met. #}
{% macro statutory_latest_entry(birth_date, hire_date) -%}
  LEAST(
    CAST(DATE_TRUNC('year', {{ statutory_satisfied(birth_date, hire_date) }}) + TO_YEARS(1) AS DATE),
    {{ months_after(statutory_satisfied(birth_date, hire_date), 6) }}
  )
{%- endmacro %}

{% macro statutory_satisfied(birth_date, hire_date) -%}
  GREATEST(
    {{ months_after(birth_date, 12 * 21) }},
    {{ months_after(hire_date, 12) }}
  )
{%- endmacro %}
