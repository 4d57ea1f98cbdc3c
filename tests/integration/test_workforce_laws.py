"""Laws of the workforce on the compiled SQL: the headcount solve and the two ways to pay."""

from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from config.loading import load_simulation
from tests.people import everybody
from tests.simulation_lab import CompiledProject, Lab

MILLION = 1_000_000


@pytest.fixture(scope="module")
def lab(compiled_project: CompiledProject) -> Iterator[Lab]:
    inputs = load_simulation(years=(2025, 2025))
    with Lab(compiled_project, inputs, everybody()) as lab:
        lab.run()
        yield lab


@pytest.fixture(scope="module")
def headcounts(compiled_project: CompiledProject) -> Iterator[Lab]:
    """Of which only the settings and the size of the cohort matter."""
    with Lab(compiled_project, load_simulation(years=(2025, 2025)), everybody()) as lab:
        yield lab


@given(
    people=st.integers(1, 30_000),
    growth=st.integers(-MILLION + 1, MILLION),
    leaving=st.integers(0, MILLION),
    leaving_early=st.integers(0, MILLION - 1),
    announcing=st.integers(0, MILLION),
    staying=st.integers(0, MILLION),
)
@example(
    people=4378, growth=30_000, leaving=120_000, leaving_early=250_000, announcing=0, staying=0
)
@settings(deadline=None, max_examples=100)
def test_headcount_is_solved_by_the_fewest_hires_that_reach_the_target(
    people: int,
    growth: int,
    leaving: int,
    leaving_early: int,
    announcing: int,
    staying: int,
    headcounts: Lab,
) -> None:
    """Shares in millionths. More leave than the rate says only where the target asks for it, and
    then nobody is hired; who announces a later exit stays. The example is worked out in
    dbt/tests/unit/headcount.yml."""
    g, t, q = (Fraction(share, MILLION) for share in (growth, leaving, leaving_early))
    target, announced = people * (1 + g), people * announcing // MILLION
    later = (people - announced) * staying // MILLION
    opening, exits, hires, early, closing = _solved(
        *(headcounts, people, growth, leaving, leaving_early, announced, later)
    )
    assert opening == people
    assert closing == opening - exits + hires - early
    assert closing == later or Fraction(-1, 2) < closing - target <= Fraction(1, 2)
    assert later <= closing
    assert max(min(t * people, people - later), announced) <= exits <= people - later
    assert 0 <= early <= hires
    if hires:
        assert people - exits + (hires - 1) * (1 - q) < target <= people - exits + hires * (1 - q)
        assert exits < t * people + 1 or exits == announced


def test_pay_of_the_engine_is_the_pay_that_the_log_tells(lab: Lab) -> None:
    rows = lab.connection.execute("""
        SELECT money.total_compensation, snapshot.prorated_annual_compensation
        FROM int_plan_money AS money
        INNER JOIN fct_workforce_snapshot AS snapshot USING (employee_id)
    """).fetchall()
    assert len(rows) > 100
    assert [(engine, log) for engine, log in rows if engine != log] == []


def _solved(
    lab: Lab,
    people: int,
    growth: int,
    leaving: int,
    leaving_early: int,
    announced: int,
    later: int,
) -> tuple[int, ...]:
    lab.connection.execute(
        """
        UPDATE inputs.settings SET
          simulation__target_growth_rate = $1::BIGINT * 0.000001,
          workforce__total_termination_rate = $2::BIGINT * 0.000001,
          workforce__new_hire_termination_rate = $3::BIGINT * 0.000001
        """,
        [growth, leaving, leaving_early],
    )
    lab.connection.execute(
        "CREATE OR REPLACE TABLE int_year_cohort AS SELECT range AS employee_id,"
        f" CASE WHEN range < {announced} THEN DATE '2025-06-30'"
        f" WHEN range < {announced + later} THEN DATE '2026-06-30' END AS announced_exit_date"
        f" FROM RANGE({people})"
    )
    [model] = [model for model in lab.models(2025) if model.name == "int_workforce_needs"]
    [row] = lab.connection.execute(f"""
        SELECT
          opening_headcount, experienced_terminations, hires, new_hire_terminations,
          closing_headcount
        FROM ({model.select})
    """).fetchall()
    return row
