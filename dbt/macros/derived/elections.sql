{# Every plan draw of the person-year, with the probabilities it meets. #}
{% macro elections() %}
  WITH settings AS (
    SELECT *
    FROM {{ source('inputs', 'settings') }}
  ),

  entry AS (
    {{ plan_entry() }}
  ),

  income_bands AS (
    SELECT
      *,
      ROW_NUMBER() OVER (ORDER BY min_pay) AS band_number
    FROM {{ source('inputs', 'behavior_income_bands') }}
  ),

  -- one list for everybody: counting the thresholds reached is far cheaper than a range join
  income_thresholds AS (
    SELECT LIST(min_pay) AS thresholds
    FROM {{ source('inputs', 'behavior_income_bands') }}
  ),

  age_bands AS (
    {{ bands_by_value(source('inputs', 'behavior_age_bands'), 'min_age', 'max_age', 'age') }}
  ),

  tenure_bands AS (
    {{ bands_by_value(source('inputs', 'behavior_tenure_bands'), 'min_tenure', 'max_tenure', 'tenure') }}
  ),

  -- deferrals above the last matched point earn nothing more: the rate that elections are drawn to
  ceiling AS (
    SELECT CAST(COALESCE(MAX(up_to), 0) AS DECIMAL(9, 6)) AS match_ceiling
    FROM {{ source('inputs', 'match_tiers') }}
  ),

  entered AS (
    SELECT
      entry.*,
      CASE WHEN entry.scheduled_entry_date <= entry.last_date THEN entry.scheduled_entry_date END AS plan_entry_date,
      MAKE_DATE(settings.simulation__start_year, 1, 1) AS first_day,
      {{ draw_key('settings.simulation__random_seed', 'entry.employee_id', "' || CAST(YEAR(entry.scheduled_entry_date) AS VARCHAR) || '") }}
        AS entry_key,
      LEN(LIST_FILTER(income_thresholds.thresholds, LAMBDA threshold: threshold <= entry.opening_compensation))
        AS income_band
    FROM entry
    CROSS JOIN settings
    CROSS JOIN income_thresholds
  )

  SELECT
    entered.*,
    settings.plan__automatic_enrollment__enabled
      AND (
        settings.plan__automatic_enrollment__scope = 'all_eligible'
        OR entered.plan_entry_date >= entered.first_day
      ) AS is_covered,
    GREATEST(entered.plan_entry_date, entered.first_day) + settings.plan__automatic_enrollment__wait_days
      AS automatic_date,
    settings.plan__automatic_enrollment__default_rate AS default_rate,
    CAST(income_bands.automatic_participation AS DOUBLE) AS automatic_participation,
    CAST(income_bands.voluntary_participation AS DOUBLE) AS voluntary_participation,
    {{ draw('participation', 'entered.entry_key') }} AS participation_draw,
    {{ draw('affirmative_election', 'entered.entry_key') }} < settings.behavior__affirmative_election_rate
      AS elects_own_rate,
    {{ elected_rate(
      'age_bands.mean_deferral_rate',
      draw('election_rate', 'entered.draw_key'),
      draw('match_attraction', 'entered.draw_key')
    ) }} AS elected_rate,
    CASE
      WHEN settings.plan__deferrals__roth
        AND {{ draw('roth_election', 'entered.entry_key') }} < settings.behavior__roth_election_rate THEN CAST(1 AS DECIMAL(9, 6))
      ELSE CAST(0 AS DECIMAL(9, 6))
    END AS elected_roth_share,
    CAST(FLOOR(
      {{ draw('opt_out_day', 'entered.entry_key') }} * settings.plan__automatic_enrollment__opt_out_window_days
    ) AS INTEGER) + 1 AS opt_out_after_days,
    -- in proportion to the odds of participating: the hazard that keeps the participation of a pay band where it is
    {{ draw('annual_enrollment', 'entered.draw_key') }} * (1 - CAST(income_bands.voluntary_participation AS DOUBLE))
    < CAST(income_bands.voluntary_participation AS DOUBLE) * CAST(settings.behavior__annual_enrollment_factor AS DOUBLE)
      AS enrolls_late,
    {{ year_start() }}
      + CAST(FLOOR({{ draw('annual_enrollment_day', 'entered.draw_key') }} * {{ days_in_year() }}) AS INTEGER)
      AS late_enrollment_date,
    {{ draw('escalation', 'entered.draw_key') }} < settings.behavior__escalation_acceptance_rate AS accepts_escalation,
    {{ draw('rate_change', 'entered.draw_key') }} AS change_draw,
    CAST(income_bands.change_multiplier AS DOUBLE)
      * CAST(age_bands.change_multiplier AS DOUBLE)
      * CAST(tenure_bands.change_multiplier AS DOUBLE) AS change_multiplier,
    {{ year_start() }}
      + CAST(FLOOR({{ draw('rate_change_day', 'entered.draw_key') }} * ({{ days_in_year() }} - 1)) AS INTEGER) + 1 AS change_date,
    CAST(0.01 * (1 + FLOOR(3 * {{ draw('rate_change_size', 'entered.draw_key') }})) AS DECIMAL(9, 6)) AS change_size
  FROM entered
  CROSS JOIN settings
  CROSS JOIN ceiling
  -- LEFT, though everybody has his bands: inner joins would be planned as one with the product of the three tables
  LEFT JOIN income_bands
    ON entered.income_band = income_bands.band_number
  LEFT JOIN age_bands
    ON entered.age = age_bands.age
  LEFT JOIN tenure_bands
    ON entered.tenure = tenure_bands.tenure
{% endmacro %}
