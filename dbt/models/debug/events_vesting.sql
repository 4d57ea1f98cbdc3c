-- branch `vesting` of the event log as it is before context, order and text are added
WITH {{ event_facts() }},

branch AS (
  {{ events_vesting_sql() }}
)

SELECT *
FROM branch
ORDER BY employee_id, effective_date, sort_rank, source
