-- who is highly compensated and who is a key employee, from the look-back year
SELECT
  steps.text,
  MONEY(steps.amount) AS amount
FROM int_hce AS hce
CROSS JOIN LATERAL (
  VALUES
  (1, FORMAT('pay earned in {}', GETVARIABLE('year') - 1), lookback_compensation),
  (2, FORMAT('threshold of {}', GETVARIABLE('year') - 1), hce_threshold),
  (
    3,
    IF(in_top_paid_group IS NULL, NULL, IF(in_top_paid_group, 'in', 'not in') || ' the top-paid group'),
    NULL
  ),
  (4, IF(ownership_pct > 0, FORMAT('owns {} of the company', PERCENT(ownership_pct)), NULL), NULL),
  (5, IF(is_hce, 'highly compensated', 'not highly compensated'), NULL),
  (6, IF(is_key_employee, 'key employee (IRC 416(i))', NULL), NULL)
) AS steps (step, text, amount)
WHERE hce.employee_id = GETVARIABLE('employee_id')
  AND steps.text IS NOT NULL
ORDER BY steps.step
