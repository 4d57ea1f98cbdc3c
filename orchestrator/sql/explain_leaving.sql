-- what becomes of the accounts of someone who has left
SELECT
  words(account) AS account,
  percent(vested_share) AS vested,
  CASE distribution_reason
    WHEN 'cash_out' THEN 'small balance, cashed out'
    WHEN 'termination' THEN 'elected a distribution'
    ELSE 'left in the plan'
  END AS decision,
  distribution_date AS payable,
  break_date AS fifth_break,
  event_date AS settled,
  money(account_balance) AS balance,
  money(distribution_amount) AS paid_out,
  money(forfeiture_amount) AS forfeited
FROM int_leaver_accounts
WHERE employee_id = GETVARIABLE('employee_id')
ORDER BY account
