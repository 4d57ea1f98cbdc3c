"""The 401(k) plan in a result: participation, deferrals, employer cost, tests, balances."""

import pandas as pd

from streamlit_dashboard.queries.result import Result

YEARLY_COLUMNS = (
    "eligible",
    "participants",
    "participation_rate",
    "average_deferral_rate",
    "employee_contributions",
    "employer_match",
    "employer_nonelective",
    "employer_profit_sharing",
    "employer_cost",
    "employer_cost_rate",
    "forfeitures_incurred",
    "forfeitures_used",
)

YEARLY = f"""
SELECT
  simulation_year AS year,
  {", ".join(YEARLY_COLUMNS)}
FROM fct_simulation_summary
ORDER BY simulation_year
"""

DEFERRALS = """
SELECT
  CAST(FLOOR(deferral_rate * 100) AS INTEGER) AS deferral_percent,
  COUNT(*) AS people
FROM fct_workforce_snapshot
WHERE simulation_year = $year
  AND employment_status = 'active'
  AND is_participating
GROUP BY 1
ORDER BY 1
"""

TESTS = """
SELECT
  plan_year AS year,
  test,
  method,
  hce_value,
  nhce_value,
  limit_value,
  CASE WHEN test IN ('adp', 'acp') THEN limit_value - hce_value END AS margin,
  passed,
  excess_amount
FROM fct_compliance_tests
ORDER BY plan_year, test
"""

CORRECTIONS = """
SELECT
  plan_year AS year,
  test,
  employee_id,
  excess_amount,
  recharacterized_as_catch_up,
  refund_amount,
  forfeited_match
FROM fct_compliance_corrections
ORDER BY plan_year, test, excess_amount DESC
"""

CORRECTION_TOTALS = """
SELECT
  plan_year AS year,
  test,
  COUNT(*) AS people,
  SUM(excess_amount) AS excess_amount,
  SUM(recharacterized_as_catch_up) AS recharacterized_amount,
  SUM(refund_amount) AS refund_amount,
  SUM(forfeited_match) AS forfeited_match
FROM fct_compliance_corrections
GROUP BY ALL
ORDER BY plan_year, test
"""

BALANCES = """
SELECT
  snapshot_date AS day,
  account,
  balance,
  vested_balance
FROM fct_plan_balance_weekly
ORDER BY snapshot_date, account
"""

BALANCES_AT_YEAR_END = """
SELECT
  simulation_year AS year,
  account,
  SUM(opening_balance) AS opening_balance,
  SUM(contributions) AS contributions,
  SUM(earnings) AS earnings,
  SUM(forfeited) AS forfeited,
  SUM(distributed) AS distributed,
  SUM(closing_balance) AS closing_balance,
  SUM(vested_balance) AS vested_balance
FROM fct_participant_accounts
GROUP BY ALL
ORDER BY simulation_year, account
"""


def has_plan(result: Result) -> bool:
    """Whether the result was made with the plan engine."""
    return result.has("fct_simulation_summary", *YEARLY_COLUMNS)


def has_tests(result: Result) -> bool:
    """Whether the result holds nondiscrimination tests."""
    return result.has("fct_compliance_tests") and result.has("fct_compliance_corrections")


def has_balances(result: Result) -> bool:
    """Whether the result holds account balances."""
    return result.has("fct_plan_balance_weekly") and result.has("fct_participant_accounts")


def yearly(result: Result) -> pd.DataFrame:
    """Participation, deferrals (shares) and employer cost (dollars) by year."""
    return result.frame(YEARLY)


def deferrals(result: Result, year: int) -> pd.DataFrame:
    """Active participants at year end by whole percent of pay deferred."""
    return result.frame(DEFERRALS, year=year)


def tests(result: Result) -> pd.DataFrame:
    """Every test of every plan year; `margin` is what is left to the limit."""
    return result.frame(TESTS)


def corrections(result: Result) -> pd.DataFrame:
    """Every correction by person, dollars."""
    return result.frame(CORRECTIONS)


def correction_totals(result: Result) -> pd.DataFrame:
    """Corrections by year and test, dollars."""
    return result.frame(CORRECTION_TOTALS)


def balances(result: Result) -> pd.DataFrame:
    """Plan balances on Fridays by account, dollars."""
    return result.frame(BALANCES)


def balances_at_year_end(result: Result) -> pd.DataFrame:
    """The walk of each account over each year, dollars."""
    return result.frame(BALANCES_AT_YEAR_END)


def export_tables(result: Result) -> dict[str, pd.DataFrame]:
    """Sheets of the workbook about the plan."""
    tables: dict[str, pd.DataFrame] = {}
    if has_plan(result):
        tables["Plan"] = yearly(result)
    if has_tests(result):
        tables["Compliance tests"] = tests(result)
        tables["Corrections"] = correction_totals(result)
    if has_balances(result):
        tables["Balances"] = balances_at_year_end(result)
    return tables
