"""The 401(k) plan in a result: participation, deferrals, employer cost, tests, balances."""

import pandas as pd

from streamlit_dashboard.queries.result import Result

YEARLY = """
SELECT
  simulation_year AS year,
  eligible,
  participants,
  participation_rate,
  average_deferral_rate,
  employee_contributions,
  employer_match,
  employer_nonelective,
  employer_profit_sharing,
  forfeitures_instead_of_cash,
  employer_cost,
  employer_cost_rate,
  employer_match_rate,
  employer_nonelective_rate,
  employer_profit_sharing_rate,
  forfeitures_incurred,
  forfeitures_used,
  forfeitures_held AS forfeitures_kept,
  account_balances AS balance,
  vested_balances AS vested_balance
FROM fct_simulation_summary
ORDER BY simulation_year
"""

DEFERRALS = """
WITH counted AS (
  SELECT
    CAST(FLOOR(deferral_rate * 100) AS INTEGER) AS percent_of_pay,
    COUNT(*) AS people
  FROM fct_workforce_snapshot
  WHERE simulation_year = $year
    AND employment_status = 'active'
    AND is_participating
  GROUP BY 1
),
-- A rate that nobody has is shown as a gap, not left out of the axis.
percents AS (
  SELECT UNNEST(RANGE(MIN(percent_of_pay), MAX(percent_of_pay) + 1)) AS percent_of_pay
  FROM counted
)
SELECT
  CAST(percents.percent_of_pay AS INTEGER) AS percent_of_pay,
  COALESCE(counted.people, 0) AS people
FROM percents
LEFT JOIN counted
  ON percents.percent_of_pay = counted.percent_of_pay
ORDER BY percents.percent_of_pay
"""

TESTS = """
SELECT
  plan_year AS year,
  test,
  method,
  -- a test that is not run has no limit to keep, and nothing that passes
  CASE WHEN method <> 'safe_harbor' THEN tested_value END AS tested_percent,
  CASE WHEN method <> 'safe_harbor' THEN limit_value END AS limit_percent,
  CASE WHEN method <> 'safe_harbor' THEN margin_value END AS margin_percent,
  CASE WHEN method <> 'safe_harbor' THEN passed END AS passed,
  excess_amount,
  hce_value AS hce_percent,
  nhce_value AS nhce_percent,
  hce_count,
  nhce_count,
  detail
FROM fct_compliance_tests
ORDER BY plan_year, LIST_POSITION(['adp', 'acp', 'coverage_410b', 'top_heavy'], test), method
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
ORDER BY plan_year, test DESC, excess_amount DESC
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
ORDER BY plan_year, test DESC
"""

BALANCES = """
SELECT
  snapshot_date AS day,
  source AS account,
  balance,
  vested_balance
FROM fct_plan_balance_weekly
ORDER BY snapshot_date, source
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


def yearly(result: Result) -> pd.DataFrame:
    """Participation, deferrals (shares) and employer cost (dollars) by year."""
    return result.frame(YEARLY)


def deferrals(result: Result, year: int) -> pd.DataFrame:
    """Active participants at year end by whole percent of pay deferred."""
    return result.frame(DEFERRALS, year=year)


def tests(result: Result) -> pd.DataFrame:
    """Every test of every plan year, in percent; the margin is what is left to the limit.
    None of it is known of a test that is not run."""
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
    return {
        "Plan": yearly(result),
        "Compliance tests": tests(result),
        "Corrections": correction_totals(result),
        "Balances": balances_at_year_end(result),
    }
