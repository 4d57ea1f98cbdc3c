"""Laws of entry into the plan, on the SQL of dbt/macros/eligibility.sql itself."""

from datetime import date, timedelta

import duckdb
import pytest

from orchestrator.dbt_macros import render

ENTRY_MONTHS = {
    "monthly": range(1, 13),
    "quarterly": (1, 4, 7, 10),
    "semiannual": (1, 7),
    "annual": (1,),
}
THREE_YEARS = [date(2023, 1, 1) + timedelta(days) for days in range(3 * 365 + 1)]
"""Days, one of the years a leap year."""


@pytest.mark.parametrize("dates", ENTRY_MONTHS)
def test_entry_is_on_the_plans_date_coincident_with_or_next_following(dates: str) -> None:
    entries = duckdb.sql(
        f"""
        SELECT {render("entry_date('satisfied')", "calendar", "eligibility")}
        FROM (SELECT UNNEST($days) AS satisfied)
        CROSS JOIN (SELECT $dates AS plan__eligibility__entry_dates) AS settings
        """,
        params={"days": THREE_YEARS, "dates": dates},
    ).fetchall()
    firsts = [date(year, m, 1) for year in range(2023, 2027) for m in ENTRY_MONTHS[dates]]
    expected = [min(first for first in firsts if first >= day) for day in THREE_YEARS]
    assert [entry for (entry,) in entries] == expected


def test_the_latest_entry_is_six_months_after_age_21_and_a_year_of_service() -> None:
    """Or the next plan year, if that is earlier (IRC 410(a)(4)); golden cases have the service."""
    latest = render("statutory_latest_entry('born', 'hired')", "calendar", "eligibility")
    dates = duckdb.sql(f"""
        SELECT CAST({latest} AS VARCHAR)
        FROM (VALUES
          (1, DATE '2005-05-10', DATE '2023-01-01'),
          (2, DATE '2005-07-02', DATE '2023-01-01')
        ) AS people (number, born, hired)
        ORDER BY number
    """).fetchall()
    assert dates == [("2026-11-10",), ("2027-01-01",)]
