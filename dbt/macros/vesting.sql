{#
  Vesting service, IRC 411(a). Elapsed time counts completed anniversaries. By hours, a calendar year counts with the
  required hours; hours are scheduled hours per week x days employed / 7, so whole years need only be counted, leap
  years apart. Breaks: 411(a)(6)(A).
#}

{% macro leap_years_to(year) -%} ({{ year }} // 4 - {{ year }} // 100 + {{ year }} // 400) {%- endmacro %}

{# Calendar years from hire to to_date with the required hours. #}
{% macro years_with_hours(hire_date, to_date, weekly_hours, required_hours) -%}
  CASE
    WHEN {{ to_date }} < {{ hire_date }} THEN 0
    WHEN YEAR({{ to_date }}) = YEAR({{ hire_date }})
      THEN CAST({{ reaches_hours(hire_date, to_date, weekly_hours, required_hours) }} AS BIGINT)
    ELSE
      CAST({{ reaches_hours(hire_date, 'MAKE_DATE(YEAR(' ~ hire_date ~ '), 12, 31)', weekly_hours, required_hours) }} AS BIGINT)
      + CAST({{ reaches_hours('MAKE_DATE(YEAR(' ~ to_date ~ '), 1, 1)', to_date, weekly_hours, required_hours) }} AS BIGINT)
      + CASE
        WHEN {{ days_reach_hours(365, weekly_hours, required_hours) }} THEN YEAR({{ to_date }}) - YEAR({{ hire_date }}) - 1
        WHEN {{ days_reach_hours(366, weekly_hours, required_hours) }}
          THEN {{ leap_years_to('(YEAR(' ~ to_date ~ ') - 1)') }} - {{ leap_years_to('YEAR(' ~ hire_date ~ ')') }}
        ELSE 0
      END
  END
{%- endmacro %}

{# Whole years of vesting service on to_date, by the plan's method; reads a relation named settings. #}
{% macro vesting_service(hire_date, to_date, weekly_hours, required_hours) -%}
  CASE settings.plan__vesting__service
    WHEN 'elapsed_time' THEN {{ completed_tenure(to_date, hire_date) }}
    WHEN 'hours' THEN {{ years_with_hours(hire_date, to_date, weekly_hours, required_hours) }}
  END
{%- endmacro %}

{# Share of a schedule, a list dense from 0 years to the year of 100%. #}
{% macro scheduled_share(shares, service_years) -%}
  {{ shares }}[LEAST({{ service_years }}, LEN({{ shares }}) - 1) + 1]
{%- endmacro %}

{#
  31 December of the fifth consecutive one-year break (at most 500 hours in a calendar year), IRC 411(a)(6)(C). The year
  of exit is the first break when its hours allow it; breaks of a person still employed do not count.
#}
{% macro fifth_break(hire_date, termination_date, weekly_hours) -%}
  MAKE_DATE(
    CAST(YEAR({{ termination_date }}) + 4 + CASE
      WHEN {{ weekly_hours }} * (
        DATE_DIFF(
          'day',
          GREATEST({{ hire_date }}, MAKE_DATE(YEAR({{ termination_date }}), 1, 1)),
          {{ termination_date }}
        ) + 1
      ) <= 7 * 500 THEN 0
      ELSE 1
    END AS INTEGER),
    12,
    31
  )
{%- endmacro %}
