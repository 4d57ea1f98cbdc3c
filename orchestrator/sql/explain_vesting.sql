-- vesting service, and the share of each schedule before and after this year
WITH accounts AS (
  SELECT LIST(account) AS held
  FROM fct_participant_accounts
  WHERE employee_id = GETVARIABLE('employee_id')
    AND simulation_year = GETVARIABLE('year')
)

SELECT
  steps.text,
  MONEY(NULL) AS amount
FROM int_vesting AS vesting
CROSS JOIN inputs.settings AS settings
CROSS JOIN accounts
CROSS JOIN LATERAL (
  VALUES
  (
    1,
    FORMAT(
      '{} years of vesting service, {}; fully vested at age {}',
      service_years,
      IF(plan__vesting__service = 'hours', 'calendar years with the hours', 'anniversaries of hire'),
      plan__vesting__normal_retirement_age
    )
  ),
  (2, FORMAT('match: {} before, {} after', PERCENT(previous_match_share), PERCENT(match_share))),
  (
    3,
    CASE
      WHEN plan__nonelective__formula <> 'none' OR LIST_CONTAINS(held, 'employer_nonelective') THEN FORMAT(
        'nonelective: {} before, {} after', PERCENT(previous_nonelective_share), PERCENT(nonelective_share)
      )
    END
  ),
  (
    4,
    CASE
      WHEN plan__profit_sharing__formula <> 'none' OR LIST_CONTAINS(held, 'employer_profit_sharing') THEN FORMAT(
        'profit sharing: {} before, {} after', PERCENT(previous_profit_sharing_share), PERCENT(profit_sharing_share)
      )
    END
  ),
  (5, FORMAT('changed on {}', change_date)),
  (6, 'own deferrals are always fully vested')
) AS steps (step, text)
WHERE vesting.employee_id = GETVARIABLE('employee_id')
  AND steps.text IS NOT NULL
ORDER BY steps.step
