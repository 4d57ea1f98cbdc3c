"""Laws of vesting service, on the SQL of dbt/macros/vesting.sql itself."""

from calendar import isleap
from datetime import date, timedelta
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.dbt_macros import render

SERVICE = "vesting_service('hire_date', 'to_date', 'weekly_hours', 'required_hours')"

Person = tuple[date, date, Decimal, int]
"""Hire date, day of counting, scheduled hours a week, hours a year needs."""

people = st.tuples(
    st.dates(date(1980, 1, 1), date(2030, 12, 31)),
    st.integers(0, 40 * 366),
    st.decimals(1, 60, places=2),
    st.sampled_from([500, 1000]),
).map(lambda drawn: (drawn[0], drawn[0] + timedelta(days=drawn[1]), drawn[2], drawn[3]))


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def service_sql(method: str) -> str:
    """One person in, whole years of vesting service out, by the project's own macros."""
    return f"""
        SELECT {render(SERVICE, "calendar", "eligibility", "vesting")}
        FROM (SELECT '{method}' AS plan__vesting__service) AS settings
        CROSS JOIN (
          SELECT
            $1::DATE AS hire_date,
            $2::DATE AS to_date,
            $3::DECIMAL(9, 6) AS weekly_hours,
            $4::INTEGER AS required_hours
        )
    """


HOURS, ELAPSED = service_sql("hours"), service_sql("elapsed_time")


def years(connection: duckdb.DuckDBPyConnection, sql: str, person: Person) -> int:
    row = connection.execute(sql, list(person)).fetchone()
    assert row is not None
    return row[0]


@settings(max_examples=60, deadline=None)
@given(person=people, later=st.integers(1, 400), method=st.sampled_from([HOURS, ELAPSED]))
def test_service_never_falls_with_time(
    connection: duckdb.DuckDBPyConnection, person: Person, later: int, method: str
) -> None:
    hire, to, hours, required = person
    afterwards = (hire, to + timedelta(days=later), hours, required)
    assert years(connection, method, person) <= years(connection, method, afterwards)


@settings(max_examples=60, deadline=None)
@given(person=people)
def test_hours_are_the_years_counted_one_by_one(
    connection: duckdb.DuckDBPyConnection, person: Person
) -> None:
    hire, to, hours, required = person
    counted = 0
    for year in range(hire.year, to.year + 1):
        first, last = max(hire, date(year, 1, 1)), min(to, date(year, 12, 31))
        counted += hours * ((last - first).days + 1) >= 7 * required
    assert years(connection, HOURS, person) == counted


@settings(max_examples=60, deadline=None)
@given(person=people)
def test_elapsed_time_counts_the_anniversaries(
    connection: duckdb.DuckDBPyConnection, person: Person
) -> None:
    hire, to, _, _ = person
    counted = 0
    for year in range(hire.year + 1, to.year + 1):
        moved = hire.month == 2 and hire.day == 29 and not isleap(year)
        anniversary = date(year, 3, 1) if moved else hire.replace(year=year)
        counted += anniversary <= to
    assert years(connection, ELAPSED, person) == counted
