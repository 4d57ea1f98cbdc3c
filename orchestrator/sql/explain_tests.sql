-- the tests that counted this person, and what he gave back after them
WITH tests AS (
  SELECT *
  FROM fct_compliance_tests
  WHERE simulation_year = GETVARIABLE('year')
    AND test IN ('adp', 'acp')
    AND EXISTS (
      SELECT 1
      FROM int_plan_money
      WHERE employee_id = GETVARIABLE('employee_id')
        AND NOT is_long_term_part_time
    )
),

corrections AS (
  SELECT
    corrections.*,
    plan_year.must_catch_up_roth
  FROM fct_compliance_corrections AS corrections
  INNER JOIN int_plan_year AS plan_year
    ON corrections.employee_id = plan_year.employee_id
  WHERE corrections.employee_id = GETVARIABLE('employee_id')
    AND corrections.simulation_year = GETVARIABLE('year')
),

steps AS (
  SELECT
    test,
    0 AS step,
    COALESCE(
      FORMAT(
        '{} {}: {:.2f}% of the highly compensated on average, {:.2f}% allowed',
        UPPER(test), IF(passed, 'passed', 'failed'), CAST(hce_value AS DOUBLE), CAST(limit_value AS DOUBLE)
      ),
      FORMAT('{}: {}', UPPER(test), detail)
    ) AS text,
    NULL AS amount
  FROM tests
  UNION ALL
  SELECT
    corrections.test,
    steps.step,
    FORMAT('{} correction: {}', UPPER(corrections.test), steps.text) AS text,
    steps.amount
  FROM corrections
  CROSS JOIN LATERAL (
    VALUES
    (1, 'tested amount', tested_amount),
    (2, 'what levelling the ratios takes from this person', levelled_amount),
    (3, 'excess after levelling the dollars', excess_amount),
    (
      4,
      IF(
        must_catch_up_roth AND test = 'adp',
        'of it turned into catch-up, Roth deferrals only (IRC 414(v)(7))', 'of it turned into catch-up'
      ),
      recharacterized_as_catch_up
    ),
    (5, 'of it paid out', refund_amount),
    (6, 'match forfeited', forfeited_match)
  ) AS steps (step, text, amount)
)

SELECT
  text,
  MONEY(amount) AS amount
FROM steps
-- ADP comes first, as in the law
ORDER BY test = 'acp', step
