-- staged events into the log's format: what an event does not say is derived from the person's life
INSERT INTO fct_yearly_events BY NAME
WITH people AS (
  SELECT employee_id, employee_ssn, employee_birth_date, employee_hire_date
  FROM stg_census_data
  UNION ALL
  SELECT
    employee_id,
    employee_ssn,
    CAST(event_payload ->> '$.employee_birth_date' AS DATE) AS employee_birth_date,
    effective_date AS employee_hire_date
  FROM fct_yearly_events
  WHERE event_type = 'hire'
  UNION ALL
  SELECT
    employee_id,
    NULL AS employee_ssn,
    CAST(event_payload ->> '$.employee_birth_date' AS DATE) AS employee_birth_date,
    effective_date AS employee_hire_date
  FROM staged_events
  WHERE event_type = 'hire'
),

-- the first spell of employment counts service; a rehire continues it
lives AS (
  SELECT
    employee_id,
    ANY_VALUE(employee_ssn) AS employee_ssn,
    MIN(employee_birth_date) AS employee_birth_date,
    MIN(employee_hire_date) AS employee_hire_date
  FROM people
  GROUP BY employee_id
),

rate_changes AS (
  SELECT
    employee_id,
    CAST('-infinity' AS DATE) AS effective_date,
    0 AS batch,
    CAST(0 AS BIGINT) AS place,
    level_id,
    employee_gross_compensation AS annual_rate
  FROM stg_census_data
  UNION ALL
  SELECT employee_id, effective_date, 0, event_sequence, level_id, compensation_amount
  FROM fct_yearly_events
  WHERE event_type IN ('hire', 'cola', 'merit', 'promotion')
  UNION ALL
  SELECT employee_id, effective_date, 1, rowid, level_id, compensation_amount
  FROM staged_events
  WHERE event_type IN ('hire', 'cola', 'merit', 'promotion')
),

daily_rates AS (
  SELECT
    employee_id,
    effective_date,
    MAX_BY(level_id, (batch, place)) AS level_id,
    MAX_BY(annual_rate, (batch, place)) AS annual_rate
  FROM rate_changes
  GROUP BY employee_id, effective_date
),

last_sequences AS (
  SELECT employee_id, simulation_year, MAX(event_sequence) AS event_sequence
  FROM fct_yearly_events
  GROUP BY employee_id, simulation_year
),

-- one row per year of age and of tenure
ages AS (
  SELECT band, UNNEST(RANGE(min_age, max_age)) AS age
  FROM inputs.age_bands
),

tenures AS (
  SELECT band, UNNEST(RANGE(min_tenure, max_tenure)) AS tenure
  FROM inputs.tenure_bands
),

-- without the payload: windows and ASOF joins carry every column of their rows along
moments AS (
  SELECT
    staged.rowid AS place,
    staged.employee_id,
    staged.simulation_year,
    staged.effective_date,
    staged.event_type,
    rates.level_id,
    rates.annual_rate,
    ROW_NUMBER() OVER (
      PARTITION BY staged.employee_id, staged.simulation_year
      ORDER BY staged.effective_date, staged.rowid
    ) AS number
  FROM staged_events AS staged
  ASOF LEFT JOIN daily_rates AS rates
    ON staged.employee_id = rates.employee_id AND staged.effective_date >= rates.effective_date
),

described AS (
  SELECT
    moments.place,
    lives.employee_ssn,
    COALESCE(last_sequences.event_sequence, 0) + moments.number AS event_sequence,
    moments.level_id,
    moments.annual_rate,
    completed_years(lives.employee_birth_date, MAKE_DATE(moments.simulation_year, 12, 31)) AS year_age,
    GREATEST(completed_years(lives.employee_hire_date, MAKE_DATE(moments.simulation_year, 12, 31)), 0)
      AS year_tenure,
    IF(
      moments.event_type = 'termination',
      completed_years(lives.employee_birth_date, moments.effective_date),
      year_age
    ) AS employee_age,
    IF(
      moments.event_type = 'termination',
      GREATEST(completed_years(lives.employee_hire_date, moments.effective_date), 0),
      year_tenure
    ) AS employee_tenure
  FROM moments
  INNER JOIN lives
    ON moments.employee_id = lives.employee_id
  LEFT JOIN last_sequences
    ON moments.employee_id = last_sequences.employee_id
      AND moments.simulation_year = last_sequences.simulation_year
)

SELECT
  staged.* EXCLUDE (level_id, compensation_amount),
  described.employee_ssn,
  described.event_sequence,
  COALESCE(staged.level_id, described.level_id) AS level_id,
  COALESCE(staged.compensation_amount, described.annual_rate) AS compensation_amount,
  CONCAT_WS(
    ' ',
    'Imported',
    staged.event_type,
    staged.source,
    FORMAT('{:,.2f}', CAST(staged.amount AS DOUBLE)),
    staged.reason
  ) AS event_details,
  described.employee_age,
  described.employee_tenure,
  ages.band AS age_band,
  tenures.band AS tenure_band,
  'imported' AS data_quality_flag
FROM staged_events AS staged
INNER JOIN described
  ON staged.rowid = described.place
INNER JOIN ages
  ON described.year_age = ages.age
INNER JOIN tenures
  ON described.year_tenure = tenures.tenure
