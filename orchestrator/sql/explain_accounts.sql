-- the walk of each account; the last row is all of them
WITH accounts AS (
  SELECT *
  FROM fct_participant_accounts
  WHERE employee_id = GETVARIABLE('employee_id')
    AND simulation_year = GETVARIABLE('year')
)

SELECT
  COALESCE(words(account), 'all accounts') AS account,
  money(SUM(opening_balance)) AS opening,
  money(SUM(contributions)) AS contributions,
  money(SUM(earnings)) AS earnings,
  money(SUM(forfeited)) AS forfeited,
  money(SUM(distributed)) AS distributed,
  money(SUM(closing_balance)) AS closing,
  IF(account IS NULL, NULL, percent(ANY_VALUE(vested_share))) AS vested,
  money(SUM(vested_balance)) AS vested_balance
FROM accounts
GROUP BY GROUPING SETS ((accounts.account), ())
HAVING COUNT(*) > 0
ORDER BY accounts.account NULLS LAST
