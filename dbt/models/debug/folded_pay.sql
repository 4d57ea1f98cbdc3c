-- the year's people with the pay that the event log gives them, from which the snapshot is made
WITH plan_state AS (
  {{ folded_plan() }}
)

SELECT *
FROM ({{ folded_pay() }})
