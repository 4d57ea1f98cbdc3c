-- the year's nondiscrimination, coverage and top-heavy tests; averages and ratios in percent
WITH {{ tested_ratios() }},

ratio_tests AS (
  SELECT
    adp.*,
    (SELECT SUM(levelled_cents) FROM adp_levelled) AS excess_cents
  FROM adp
  UNION ALL
  SELECT
    acp.*,
    (SELECT SUM(levelled_cents) FROM acp_levelled) AS excess_cents
  FROM acp
),

coverage AS (
  {{ coverage_tests('participants') }}
),

top_heavy AS (
  SELECT *
  FROM {{ ref('int_top_heavy') }}
),

results AS (
  SELECT
    test,
    CASE WHEN is_exempt THEN 'safe_harbor' ELSE method END AS method,
    hce_count,
    nhce_count,
    hce_average AS hce_share,
    nhce_average AS nhce_share,
    permitted_average AS limit_share,
    hce_average AS tested_share,
    nhce_year_average AS nhce_year_share,
    NOT fails AS passed,
    COALESCE(excess_cents, 0) AS excess_cents,
    CASE
      WHEN is_exempt THEN 'safe-harbor design: no test (IRC 401(k)(12), 401(k)(13), 401(m)(11), 401(m)(12))'
      WHEN hce_count = 0 THEN 'passes: no highly compensated participant'
      WHEN nhce_average IS NULL THEN 'passes: no participant who is not highly compensated'
      ELSE 'average of the highly compensated against max(1.25 n, min(2 n, n + 2 points))'
    END AS detail
  FROM ratio_tests
  UNION ALL
  SELECT
    'coverage_410b' AS test,
    part AS method,
    hce_count,
    nhce_count,
    hce_share,
    nhce_share,
    7000 AS limit_share,
    ratio AS tested_share,
    CAST(NULL AS HUGEINT) AS nhce_year_share,
    COALESCE(ratio >= 7000, TRUE) AS passed,
    0 AS excess_cents,
    CASE
      WHEN hce_count = 0 OR hce_share = 0 THEN 'passes: benefits no highly compensated employee'
      WHEN nhce_count = 0 THEN 'passes: no employee who is not highly compensated'
      ELSE 'share of the others benefiting over share of the highly compensated; the average benefit test is not run'
    END AS detail
  FROM coverage
  UNION ALL
  SELECT
    'top_heavy' AS test,
    CASE WHEN is_exempt THEN 'safe_harbor' ELSE 'determination_date' END AS method,
    key_count AS hce_count,
    participant_count - key_count AS nhce_count,
    CAST(top_heavy_ratio * 100 AS HUGEINT) AS hce_share,
    CAST(10000 - top_heavy_ratio * 100 AS HUGEINT) AS nhce_share,
    6000 AS limit_share,
    CAST(top_heavy_ratio * 100 AS HUGEINT) AS tested_share,
    CAST(NULL AS HUGEINT) AS nhce_year_share,
    NOT is_top_heavy AS passed,
    0 AS excess_cents,
    CASE
      WHEN is_exempt THEN 'deferrals and safe-harbor match only: never top-heavy (IRC 416(g)(4)(H))'
      WHEN top_heavy_ratio IS NULL THEN 'passes: no balances on the determination date'
      ELSE 'balances of key employees on 31 December of the year before; top-heavy above 60%'
    END AS detail
  FROM top_heavy
)

SELECT
  settings.scenario_id,
  settings.plan_design_id,
  {{ var('simulation_year') }} AS simulation_year,
  {{ var('simulation_year') }} AS plan_year,
  results.test,
  results.method,
  {{ percent('results.hce_share') }} AS hce_value,
  {{ percent('results.nhce_share') }} AS nhce_value,
  {{ percent('results.limit_share') }} AS limit_value,
  results.passed,
  {{ money(from_cents('results.excess_cents')) }} AS excess_amount,
  {{ percent('results.tested_share') }} AS tested_value,
  {{ percent('results.nhce_year_share') }} AS nhce_year_value,
  CAST(results.hce_count AS BIGINT) AS hce_count,
  CAST(results.nhce_count AS BIGINT) AS nhce_count,
  results.detail,
  {{ percent("CASE results.test
    WHEN 'coverage_410b' THEN results.tested_share - results.limit_share
    ELSE results.limit_share - results.tested_share
  END") }} AS margin_value
FROM results
CROSS JOIN settings
ORDER BY results.test, results.method
