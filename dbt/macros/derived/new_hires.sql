{#
  The year's new hires by slot: hire day, age, level and starting pay drawn from (seed, year, slot) only, and who of
  them leaves.
#}
{% macro new_hires() %}
  WITH settings AS (
    SELECT *
    FROM {{ source('inputs', 'settings') }}
  ),

  needs AS (
    SELECT *
    FROM {{ ref('int_workforce_needs') }}
  ),

  hire_months AS (
    {{ choice_bounds(source('inputs', 'hire_months'), 'month') }}
  ),

  hire_ages AS (
    {{ choice_bounds(source('inputs', 'new_hire_ages'), 'age') }}
  ),

  level_mix AS (
    SELECT
      level_id,
      new_hire_weight AS weight
    FROM {{ source('inputs', 'job_levels') }}
  ),

  hire_levels AS (
    {{ choice_bounds('level_mix', 'level_id') }}
  ),

  job_levels AS (
    SELECT *
    FROM {{ source('inputs', 'job_levels') }}
  ),

  parameters AS (
    SELECT *
    FROM {{ ref('int_effective_parameters') }}
    WHERE simulation_year = {{ var('simulation_year') }}
  ),

  age_bands AS (
    {{ bands_by_value(source('inputs', 'age_bands'), 'min_age', 'max_age', 'age') }}
  ),

  tenure_bands AS (
    SELECT *
    FROM {{ source('inputs', 'tenure_bands') }}
  ),

  -- a slot is a person: its draws know the year and the slot only, so more hires contain the fewer unchanged
  slots AS (
    SELECT
      needs.scenario_id,
      needs.plan_design_id,
      'NH_{{ var('simulation_year') }}_' || LPAD(CAST(slot.number AS VARCHAR), 6, '0') AS employee_id,
      settings.simulation__random_seed AS random_seed,
      settings.workforce__new_hire_hours_per_week AS scheduled_hours_per_week
    FROM needs
    CROSS JOIN settings
    CROSS JOIN GENERATE_SERIES(
      1,
      CASE
        WHEN needs.hires <= 999999 THEN needs.hires
        -- a longer slot would be cut to the id of another hire
        ELSE ERROR(
          FORMAT('{:,} hires in {{ var('simulation_year') }}', needs.hires)
          || ' are more than the 999,999 that employee ids can number: lower workforce.new_hire_termination_rate,'
          || ' workforce.total_termination_rate or simulation.target_growth_rate'
        )
      END
    ) AS slot (number)
  ),

  keyed AS (
    SELECT
      slots.*,
      {{ draw_key('slots.random_seed', 'slots.employee_id') }} AS draw_key
    FROM slots
  ),

  dated AS (
    SELECT
      keyed.*,
      hire_ages.age AS hire_age,
      hire_levels.level_id,
      MAKE_DATE({{ var('simulation_year') }}, hire_months.month, 1)
      + CAST(FLOOR(
        {{ draw('hire_day', 'keyed.draw_key') }}
        * DAY(LAST_DAY(MAKE_DATE({{ var('simulation_year') }}, hire_months.month, 1)))
      ) AS INTEGER) AS employee_hire_date
    FROM keyed
    ASOF JOIN hire_months
      ON {{ draw('hire_month', 'keyed.draw_key') }} >= hire_months.lower_bound
    ASOF JOIN hire_ages
      ON {{ draw('hire_age', 'keyed.draw_key') }} >= hire_ages.lower_bound
    ASOF JOIN hire_levels
      ON {{ draw('hire_level', 'keyed.draw_key') }} >= hire_levels.lower_bound
  ),

  people AS (
    SELECT
      dated.*,
      -- the birthday that makes the person hire_age on the hire day
      CAST(dated.employee_hire_date - TO_YEARS(CAST(dated.hire_age AS INTEGER)) AS DATE)
      - CAST(FLOOR({{ draw('hire_birthday', 'dated.draw_key') }} * 365) AS INTEGER) AS employee_birth_date,
      job_levels.minimum_compensation,
      job_levels.maximum_compensation,
      parameters.new_hire_salary_adjustment,
      -- the place in the range as whole millionths, so that pay is exact decimal arithmetic
      CAST(FLOOR({{ draw('hire_pay', 'dated.draw_key') }} * 1000000) AS BIGINT) AS range_position
    FROM dated
    INNER JOIN job_levels
      ON dated.level_id = job_levels.level_id
    INNER JOIN parameters
      ON dated.level_id = parameters.level_id
  ),

  priced AS (
    SELECT
      people.*,
      LEAST(GREATEST(
        {{ from_cents(divide_half_up(
          'CAST(' ~ cents('people.minimum_compensation') ~ ' * 1000000 + '
            ~ cents('(people.maximum_compensation - people.minimum_compensation)')
            ~ ' * people.range_position AS HUGEINT) * ' ~ micros('people.new_hire_salary_adjustment'),
          '1000000000000'
        )) }},
        people.minimum_compensation
      ), people.maximum_compensation) AS starting_compensation,
      {{ attained_age(year_end(), 'people.employee_birth_date') }} AS age
    FROM people
  ),

  banded AS (
    SELECT
      priced.*,
      age_bands.band AS age_band,
      tenure_bands.band AS tenure_band,
      age_bands.promotion_multiplier AS age_promotion_multiplier,
      tenure_bands.promotion_multiplier AS tenure_promotion_multiplier,
      CAST(age_bands.termination_multiplier AS DECIMAL(18, 12)) AS exit_weight
    FROM priced
    INNER JOIN age_bands
      ON priced.age = age_bands.age
    INNER JOIN tenure_bands
      ON tenure_bands.min_tenure = 0
  ),

  exits AS (
    {{ weighted_exits('banded', 'needs.new_hire_terminations', 'new_hire_exit') }}
  )

  SELECT
    banded.*,
    exits.exit_probability,
    CASE
      WHEN exits.leaves THEN LEAST(
        banded.employee_hire_date + 1 + CAST(FLOOR(
          {{ draw('new_hire_exit_day', 'banded.draw_key') }}
          * DATE_DIFF('day', banded.employee_hire_date, {{ year_end() }})
        ) AS INTEGER),
        {{ year_end() }}
      )
    END AS exit_date
  FROM banded
  INNER JOIN exits
    ON banded.employee_id = exits.employee_id
{% endmacro %}
