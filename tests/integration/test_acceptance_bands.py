"""The default run looks like a real employer: its figures lie in the bands of the surveys.

The seed is fixed, so these tests never flicker. How often each would fail falsely with a free seed
is said where chance enters: 2,000 people and three years, normal approximation at the measured
value. Turnover is solved exactly, so chance enters it nowhere.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from csv import DictReader
from datetime import date
from math import isfinite
from pathlib import Path

import duckdb
import pytest

from config.loading import load_simulation
from orchestrator.sample_census import generate
from scripts.participation_report import SCENARIOS, cells, report, spread_census
from tests.simulation_lab import CompiledProject, Lab

YEARS = (2025, 2027)
EMPLOYEES = 2000

MOST_MATCH = 0.03
"""Employer cost lies below its band of 3 to 5%, for this reason: the default design of the public
contract pays 50% of deferrals to 6% of pay, at most 3.0% of pay, and the forfeitures of leavers pay
for a part of it. A design that reaches the band is basic safe harbor, up to 4%, vested at once."""

Simulations = dict[str, duckdb.DuckDBPyConnection]


@pytest.fixture(scope="module")
def census_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bands") / "census.csv"
    generate(EMPLOYEES, 42, path, as_of=date(YEARS[0] - 1, 12, 31))
    return path


@pytest.fixture
def simulations(
    compiled_project: CompiledProject, census_path: Path, lives_home: Path
) -> Iterator[Simulations]:
    """The default scenario with automatic and with voluntary enrollment."""
    with ExitStack() as stack:
        yield simulated(compiled_project, census_path, stack)


def simulated(project: CompiledProject, census: Path, stack: ExitStack) -> Simulations:
    """Both ways of enrollment on one census; the stack closes them."""
    with census.open(newline="") as file:
        people = list(DictReader(file))
    return {
        enrollment: stack.enter_context(
            Lab(project, load_simulation(scenario, years=YEARS), people)
        ).run()
        for enrollment, scenario in SCENARIOS.items()
    }


def test_default_run_lies_inside_the_bands_of_the_surveys(simulations: Simulations) -> None:
    """False alarms with a free seed: promotions 3 in 1,000 a year, participation 1 in 100 a year
    (upper end with automatic enrollment, 93 +- 0.55%), the others below 1 in 1,000."""
    automatic, voluntary = simulations["automatic"], simulations["voluntary"]
    for year in summary(automatic):
        assert 0.10 <= year["turnover"] <= 0.18
        assert 0.07 <= year["promotions"] <= 0.10
        assert 0.91 <= year["participation"] <= 0.95
        assert 0.07 <= year["deferral"] <= 0.085
        assert 0.02 <= year["employer_cost"] <= MOST_MATCH
    for year in summary(voluntary):
        assert 0.60 <= year["participation"] <= 0.68
        assert 0.07 <= year["deferral"] <= 0.085
    assert 0.25 <= first_year_turnover(automatic) <= 0.32
    assert all(0.03 <= growth <= 0.04 for growth in pay_growth(automatic))
    assert 0 < opted_out(automatic) <= 0.04


def test_participation_by_income_is_compared_with_all_seven_published_cells(
    compiled_project: CompiledProject, census_path: Path, lives_home: Path, tmp_path: Path
) -> None:
    """Within 13 points, and the distance stated. Largest: -11 for 50 to 75k under voluntary
    enrollment, where a third of the people are hires of these three years, who enter at 45% of the
    participation of their band. Sampling error is 1 to 4 points a cell."""
    spread = tmp_path / "spread.csv"
    spread_census(census_path, spread)
    with ExitStack() as stack:
        by_way = simulated(compiled_project, spread, stack)
        found = [
            cell for way, connection in by_way.items() for cell in cells(connection, way, YEARS[1])
        ]
    lines = report(found)
    assert len(found) == 14 and len(lines) == 15
    for cell, line in zip(found, lines[1:], strict=True):
        assert cell.distance is not None and isfinite(cell.distance)
        assert f"{cell.distance:+.1f}" in line
        assert abs(cell.distance) <= 13


def summary(connection: duckdb.DuckDBPyConnection) -> list[dict[str, float]]:
    """What the bands are about, by year, as the dashboard and the summary tell it."""
    relation = connection.sql("""
        SELECT
          CAST(turnover AS DOUBLE) AS turnover,
          CAST(promotion_rate AS DOUBLE) AS promotions,
          CAST(participation_rate AS DOUBLE) AS participation,
          CAST(average_deferral_rate AS DOUBLE) AS deferral,
          CAST(employer_cost_rate AS DOUBLE) AS employer_cost
        FROM fct_simulation_summary
        ORDER BY simulation_year
    """)
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def first_year_turnover(connection: duckdb.DuckDBPyConnection) -> float:
    """Share of all hires who left in the year of hire; whole people, so no year is exactly 25%."""
    [(share,)] = connection.sql(
        "SELECT SUM(new_hire_terminations) / SUM(hires) FROM fct_simulation_summary"
    ).fetchall()
    return share


def pay_growth(connection: duckdb.DuckDBPyConnection) -> list[float]:
    """Growth of the annual pay of those employed throughout, by year."""
    rows = connection.sql("SELECT CAST(pay_growth AS DOUBLE) FROM fct_simulation_summary")
    return [growth for (growth,) in rows.fetchall()]


def opted_out(connection: duckdb.DuckDBPyConnection) -> float:
    """Share of the automatically enrolled who opted out within the window."""
    [(share,)] = connection.sql("""
        SELECT COUNT(*) FILTER (WHERE event_category = 'opt_out')
          / COUNT(*) FILTER (WHERE event_type = 'enrollment' AND event_category = 'auto')
        FROM fct_yearly_events
    """).fetchall()
    return share
