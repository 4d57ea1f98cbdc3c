CREATE OR REPLACE TEMP MACRO completed_years(from_date, to_date) AS (
  YEAR(to_date) - YEAR(from_date)
  - IF(MONTH(to_date) * 100 + DAY(to_date) < MONTH(from_date) * 100 + DAY(from_date), 1, 0)
);

-- staged events into the log's format: what an event does not say is derived from the person's life
INSERT INTO fct_yearly_events BY NAME
WITH people AS (
  SELECT employee_id, employee_ssn, employee_birth_date, employee_hire_date
  FROM int_baseline_workforce
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
    current_compensation AS annual_rate
  FROM int_baseline_workforce
  UNION ALL
  SELECT employee_id, effective_date, 0, event_sequence, level_id, compensation_amount
  FROM fct_yearly_events
  WHERE event_type IN ('hire', 'cola', 'merit', 'promotion')
  UNION ALL
  SELECT employee_id, effective_date, 1, place, level_id, compensation_amount
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

described AS (
  SELECT
    staged.* EXCLUDE (place, level_id, compensation_amount),
    lives.employee_ssn,
    COALESCE(last_sequences.event_sequence, 0) + ROW_NUMBER() OVER (
      PARTITION BY staged.employee_id, staged.simulation_year
      ORDER BY staged.effective_date, staged.place
    ) AS event_sequence,
    COALESCE(staged.level_id, rates.level_id) AS level_id,
    COALESCE(staged.compensation_amount, rates.annual_rate) AS compensation_amount,
    lives.employee_birth_date,
    lives.employee_hire_date,
    MAKE_DATE(staged.simulation_year, 12, 31) AS year_end,
    CASE
      WHEN staged.event_type = 'termination' THEN staged.effective_date
      ELSE MAKE_DATE(staged.simulation_year, 12, 31)
    END AS age_day
  FROM staged_events AS staged
  INNER JOIN lives
    ON staged.employee_id = lives.employee_id
  ASOF LEFT JOIN daily_rates AS rates
    ON staged.employee_id = rates.employee_id AND staged.effective_date >= rates.effective_date
  LEFT JOIN last_sequences
    ON staged.employee_id = last_sequences.employee_id
      AND staged.simulation_year = last_sequences.simulation_year
)

SELECT
  described.* EXCLUDE (employee_birth_date, employee_hire_date, year_end, age_day),
  'Imported from ' || source_system AS event_details,
  completed_years(employee_birth_date, age_day) AS employee_age,
  GREATEST(completed_years(employee_hire_date, age_day), 0) AS employee_tenure,
  age_bands.band AS age_band,
  tenure_bands.band AS tenure_band,
  'imported' AS data_quality_flag
FROM described
INNER JOIN inputs.age_bands
  ON completed_years(employee_birth_date, year_end) >= age_bands.min_age
    AND completed_years(employee_birth_date, year_end) < age_bands.max_age
INNER JOIN inputs.tenure_bands
  ON GREATEST(completed_years(employee_hire_date, year_end), 0) >= tenure_bands.min_tenure
    AND GREATEST(completed_years(employee_hire_date, year_end), 0) < tenure_bands.max_tenure
