-- annual rates in order of date, the days at each, and how each came about; pay follows the engine's own events only
WITH person AS (
  SELECT *
  FROM int_person_year
  WHERE employee_id = GETVARIABLE('employee_id')
),

rates AS (
  SELECT
    start_date AS from_date,
    0 AS event_sequence,
    opening_compensation AS annual_rate,
    IF(is_new_hire, 'starting pay', 'rate brought into the year') AS reason
  FROM person
  UNION ALL
  SELECT
    events.effective_date AS from_date,
    events.event_sequence,
    events.compensation_amount AS annual_rate,
    FORMAT(
      '{} {} of level {} ({} of scenario {}){}',
      IF(events.event_type = 'cola', 'COLA', events.event_type),
      PERCENT(events.rate),
      events.level_id,
      WORDS(events.parameter_source),
      events.parameter_scenario_id,
      IF(
        events.event_type = 'promotion',
        FORMAT(', drawn with probability {}', PERCENT(events.event_probability)),
        ''
      )
    ) AS reason
  FROM fct_yearly_events AS events
  WHERE events.employee_id = GETVARIABLE('employee_id')
    AND events.simulation_year = GETVARIABLE('year')
    AND events.event_type IN ('cola', 'merit', 'promotion')
    AND events.source_system <> 'import'
)

SELECT
  rates.from_date,
  LEAD(rates.from_date, 1, person.last_date + 1) OVER (ORDER BY rates.event_sequence) - rates.from_date AS days,
  MONEY(rates.annual_rate) AS annual_rate,
  rates.reason
FROM rates
CROSS JOIN person
ORDER BY rates.event_sequence
