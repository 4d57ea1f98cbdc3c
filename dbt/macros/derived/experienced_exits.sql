{#
  Who of the opening cohort leaves and on which day: on the day that the census announces, and of the others as many as
  are still to leave, decided by hazard weights.
#}
{% macro experienced_exits() %}
  WITH cohort AS (
    SELECT *
    FROM {{ ref('int_year_cohort') }}
  ),

  unannounced AS (
    SELECT *
    FROM cohort
    WHERE announced_exit_date IS NULL
  ),

  exits AS (
    {{ weighted_exits('unannounced', 'needs.experienced_terminations - needs.announced_terminations', 'exit') }}
  )

  SELECT
    cohort.employee_id,
    CASE
      WHEN cohort.announced_exit_date IS NULL THEN exits.exit_probability
      WHEN cohort.announced_exit_date <= {{ year_end() }} THEN 1
      ELSE 0
    END AS exit_probability,
    CASE
      WHEN cohort.announced_exit_date <= {{ year_end() }} THEN cohort.announced_exit_date
      WHEN exits.leaves
        THEN {{ year_start() }} + CAST(FLOOR({{ draw('exit_day', 'cohort.draw_key') }} * {{ days_in_year() }}) AS INTEGER)
    END AS exit_date
  FROM cohort
  LEFT JOIN exits
    ON cohort.employee_id = exits.employee_id
{% endmacro %}
