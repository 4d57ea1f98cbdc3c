-- the events behind it all, by their number in the year
SELECT
  event_sequence AS number,
  effective_date AS date,
  event_type AS event,
  event_details AS details,
  WORDS(source) AS source,
  MONEY(amount) AS amount
FROM fct_yearly_events
WHERE employee_id = GETVARIABLE('employee_id')
  AND simulation_year = GETVARIABLE('year')
ORDER BY event_sequence
