"""What a lever change risks, measured in the last result: retention, compression, hiring."""

import pandas as pd

from streamlit_dashboard.queries.result import Result

# Only resignations: nobody stays for pay who is dismissed, retires, dies or is disabled.
RETENTION = """
WITH staff AS (
  SELECT
    simulation_year AS year,
    level_id AS level,
    COUNT(*) FILTER (WHERE detailed_status_code IN ('continuous_active', 'experienced_termination'))
      AS opening,
    COUNT(*) FILTER (
      WHERE detailed_status_code = 'experienced_termination' AND termination_reason = 'voluntary'
    ) AS resigned
  FROM fct_workforce_snapshot
  GROUP BY ALL
)
SELECT
  level,
  SUM(resigned) / SUM(opening) AS resignation_rate,
  (SELECT SUM(resigned) / SUM(opening) FROM staff) AS company_rate
FROM staff
GROUP BY level
HAVING SUM(opening) > 0
ORDER BY level
"""

COMPRESSION = """
WITH medians AS (
  SELECT
    level_id AS level,
    MEDIAN(current_compensation) AS median_pay,
    COUNT(*) AS people
  FROM fct_workforce_snapshot
  WHERE employment_status = 'active' AND simulation_year = $year
  GROUP BY level_id
)
SELECT
  lower.level,
  lower.median_pay,
  upper.median_pay AS next_median_pay,
  upper.median_pay / lower.median_pay - 1 AS gap_share,
  (
    SELECT COUNT(*)
    FROM fct_workforce_snapshot AS snapshot
    WHERE snapshot.employment_status = 'active'
      AND snapshot.simulation_year = $year
      AND snapshot.level_id = lower.level
      AND snapshot.current_compensation > upper.median_pay
  ) / lower.people AS share_above_next_median
FROM medians AS lower
INNER JOIN medians AS upper
  ON upper.level = lower.level + 1
ORDER BY lower.level
"""

NEW_HIRE_PAY = """
SELECT
  level_id AS level,
  MEDIAN(current_compensation) FILTER (WHERE detailed_status_code = 'continuous_active')
    AS staff_median_pay,
  MEDIAN(current_compensation) FILTER (WHERE detailed_status_code = 'new_hire_active')
    / staff_median_pay AS ratio
FROM fct_workforce_snapshot
WHERE simulation_year = $year AND employment_status = 'active'
GROUP BY level_id
HAVING ratio IS NOT NULL
ORDER BY level_id
"""


def retention(result: Result) -> pd.DataFrame:
    """Resignations a year by level and in the company, as shares of opening staff."""
    return result.frame(RETENTION)


def compression(result: Result, year: int) -> pd.DataFrame:
    """Median pay of each level and the next at the end of a year, dollars and shares."""
    return result.frame(COMPRESSION, year=year)


def new_hire_pay(result: Result, year: int) -> pd.DataFrame:
    """Median pay of the year's hires over that of continuing staff, by level."""
    return result.frame(NEW_HIRE_PAY, year=year)
