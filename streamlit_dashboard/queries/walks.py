"""Year by year: headcount and payroll walks, growth, average pay."""

import pandas as pd

from streamlit_dashboard.queries.result import Result

YEARLY = """
SELECT
  simulation_year AS year,
  opening_headcount,
  hires,
  experienced_terminations,
  new_hire_terminations,
  closing_headcount,
  headcount_growth,
  turnover,
  promotions,
  promotion_rate,
  opening_payroll,
  cola_payroll,
  merit_payroll,
  promotion_payroll,
  hire_payroll,
  exit_payroll,
  closing_payroll,
  payroll_growth,
  paid_compensation,
  opening_average_pay,
  average_pay,
  average_pay_growth,
  pay_growth
FROM fct_simulation_summary
ORDER BY simulation_year
"""

_HEADCOUNT_STEPS = """
SELECT 1 AS place, 'Opening' AS step, ARG_MIN(opening_headcount, simulation_year) AS amount
FROM years
UNION ALL SELECT 2, 'Hires', SUM(hires) FROM years
UNION ALL SELECT 3, 'Experienced exits', -SUM(experienced_terminations) FROM years
UNION ALL SELECT 4, 'New-hire exits', -SUM(new_hire_terminations) FROM years
UNION ALL SELECT 5, 'Closing', ARG_MAX(closing_headcount, simulation_year) FROM years
"""

_PAYROLL_STEPS = """
SELECT 1 AS place, 'Opening' AS step, ARG_MIN(opening_payroll, simulation_year) AS amount FROM years
UNION ALL SELECT 2, 'COLA', SUM(cola_payroll) FROM years
UNION ALL SELECT 3, 'Merit', SUM(merit_payroll) FROM years
UNION ALL SELECT 4, 'Promotions', SUM(promotion_payroll) FROM years
UNION ALL SELECT 5, 'Hires', SUM(hire_payroll) FROM years
UNION ALL SELECT 6, 'Exits', -SUM(exit_payroll) FROM years
UNION ALL SELECT 7, 'Closing', ARG_MAX(closing_payroll, simulation_year) FROM years
"""

# A step floats from the sum of the steps before it; the last step stands on the ground, so a gap
# between it and the step before would show. `difference` is that gap.
_WALK = """
WITH years AS (
  SELECT *
  FROM fct_simulation_summary
  WHERE simulation_year BETWEEN $first AND $last
),
steps AS ({steps}),
ends AS (
  SELECT
    place,
    step,
    amount,
    place IN (1, MAX(place) OVER ()) AS is_total,
    SUM(amount) OVER (ORDER BY place) AS running,
    MAX(place) OVER () AS last_place
  FROM steps
)
SELECT
  place,
  step,
  CAST(amount AS {type}) AS amount,
  CASE WHEN is_total THEN 'total' WHEN amount < 0 THEN 'down' ELSE 'up' END AS kind,
  CAST(CASE WHEN is_total THEN 0 ELSE running - amount END AS {type}) AS base,
  CAST(CASE WHEN is_total THEN amount ELSE running END AS {type}) AS top,
  CAST(CASE WHEN place = last_place THEN 2 * amount - running ELSE 0 END AS {type}) AS difference
FROM ends
ORDER BY place
"""


def yearly(result: Result) -> pd.DataFrame:
    """One row a year: both walks, growth rates as shares, average pay in dollars."""
    return result.frame(YEARLY)


def headcount_walk(result: Result, first: int, last: int) -> pd.DataFrame:
    """Steps from the opening headcount of `first` to the closing one of `last`, in people."""
    return result.frame(_WALK.format(steps=_HEADCOUNT_STEPS, type="BIGINT"), first=first, last=last)


def payroll_walk(result: Result, first: int, last: int) -> pd.DataFrame:
    """Steps from the opening payroll of `first` to the closing one of `last`, annual dollars."""
    return result.frame(
        _WALK.format(steps=_PAYROLL_STEPS, type="DECIMAL(18, 2)"), first=first, last=last
    )
