WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

age_bands AS (
  {{ bands_by_value(source('inputs', 'age_bands'), 'min_age', 'max_age', 'age') }}
),

tenure_bands AS (
  {{ bands_by_value(source('inputs', 'tenure_bands'), 'min_tenure', 'max_tenure', 'tenure') }}
),

opening_state AS (
  {{ opening_state() }}
),

announcements AS (
  SELECT
    employee_id,
    announced_exit_date
  FROM {{ ref('int_baseline_workforce') }}
),

aged AS (
  SELECT
    opening_state.*,
    announcements.announced_exit_date,
    {{ attained_age(year_end()) }} AS age,
    {{ completed_tenure(year_end()) }} AS tenure,
    {{ draw_key('settings.simulation__random_seed', 'opening_state.employee_id') }} AS draw_key
  FROM opening_state
  CROSS JOIN settings
  LEFT JOIN announcements
    ON opening_state.employee_id = announcements.employee_id
)

SELECT
  aged.*,
  age_bands.band AS age_band,
  tenure_bands.band AS tenure_band,
  age_bands.promotion_multiplier AS age_promotion_multiplier,
  tenure_bands.promotion_multiplier AS tenure_promotion_multiplier,
  -- in proportion to the hazard: how many leave is solved, and a shrinking headcount has leavers without a base rate
  CAST(age_bands.termination_multiplier * tenure_bands.termination_multiplier AS DECIMAL(18, 12)) AS exit_weight
FROM aged
INNER JOIN age_bands
  ON aged.age = age_bands.age
INNER JOIN tenure_bands
  ON aged.tenure = tenure_bands.tenure
ORDER BY aged.employee_id
