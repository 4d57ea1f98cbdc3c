{# Who of the opening cohort leaves and on which day, decided by hazard weights. #}
{% macro experienced_exits() %}
  WITH cohort AS (
    SELECT *
    FROM {{ ref('int_year_cohort') }}
  ),

  exits AS (
    {{ weighted_exits('cohort', 'needs.experienced_terminations', 'exit') }}
  )

  SELECT
    cohort.employee_id,
    exits.exit_probability,
    CASE
      WHEN exits.leaves
        THEN {{ year_start() }} + CAST(FLOOR({{ draw('exit_day', 'cohort.draw_key') }} * {{ days_in_year() }}) AS INTEGER)
    END AS exit_date
  FROM cohort
  INNER JOIN exits
    ON cohort.employee_id = exits.employee_id
{% endmacro %}
