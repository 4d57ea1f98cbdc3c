-- what becomes of the accounts of someone who has left
SELECT
  WORDS(account) AS account,
  PERCENT(vested_share) AS vested,
  CASE distribution_reason
    WHEN 'cash_out' THEN 'small balance, cashed out'
    WHEN 'termination' THEN 'elected a distribution'
    ELSE 'left in the plan'
  END AS decision,
  distribution_date AS payable,
  IF(vested_share < 1, break_date, NULL) AS fifth_break,
  event_date AS settled,
  MONEY(IF(event_date IS NULL, NULL, account_balance)) AS balance,
  MONEY(IF(event_date IS NULL, NULL, distribution_amount)) AS paid_out,
  MONEY(IF(event_date IS NULL, NULL, forfeiture_amount)) AS forfeited
FROM int_leaver_accounts
WHERE employee_id = GETVARIABLE('employee_id')
ORDER BY account
