-- the ids of the year that look most like the one that is not there
SELECT employee_id
FROM (
  SELECT employee_id
  FROM fct_workforce_snapshot
  WHERE simulation_year = $year
  UNION
  SELECT employee_id
  FROM fct_participant_accounts
  WHERE simulation_year = $year
)
ORDER BY DAMERAU_LEVENSHTEIN(UPPER(employee_id), UPPER($employee_id)), employee_id
LIMIT 3
