-- the walk of each account; the last row is all of them
WITH accounts AS (
  SELECT *
  FROM fct_participant_accounts
  WHERE employee_id = GETVARIABLE('employee_id')
    AND simulation_year = GETVARIABLE('year')
)

SELECT
  COALESCE(WORDS(account), 'all accounts') AS account,
  MONEY(SUM(opening_balance)) AS opening,
  MONEY(SUM(contributions)) AS contributions,
  MONEY(SUM(earnings)) AS earnings,
  MONEY(SUM(forfeited)) AS forfeited,
  MONEY(SUM(distributed)) AS distributed,
  MONEY(SUM(closing_balance)) AS closing,
  IF(account IS NULL, NULL, PERCENT(ANY_VALUE(vested_share))) AS vested,
  MONEY(SUM(vested_balance)) AS vested_balance
FROM accounts
GROUP BY GROUPING SETS ((accounts.account), ())
HAVING COUNT(*) > 0
ORDER BY accounts.account NULLS LAST
