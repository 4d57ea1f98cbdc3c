"""State at any day comes from genesis and events alone, and disagreement is shown by column."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestrator.event_history import (
    UnknownPersonError,
    person_events,
    person_state,
    replay_year,
    workforce_state,
    workforce_summary,
)
from tests.event_logs import append, create_log, factory

OLD, NEW = "E1", "NH_2025_000001"
LIVES = [
    factory.create_hire_event(
        NEW,
        date(2025, 3, 1),
        employee_birth_date=date(1990, 5, 17),
        level_id=1,
        annual_compensation=Decimal("60000"),
        scheduled_hours_per_week=Decimal(40),
    ),
    factory.create_cola_event(
        OLD,
        date(2025, 1, 1),
        level_id=2,
        previous_compensation=Decimal("80000"),
        new_compensation=Decimal("82000"),
        cola_rate=Decimal("0.025"),
    ),
    # Two raises on one day: the later in sequence holds.
    factory.create_merit_event(
        OLD,
        date(2025, 7, 1),
        level_id=2,
        previous_compensation=Decimal("82000"),
        new_compensation=Decimal("84460"),
        merit_rate=Decimal("0.03"),
    ),
    factory.create_promotion_event(
        OLD,
        date(2025, 7, 1),
        previous_level=2,
        new_level=3,
        previous_compensation=Decimal("84460"),
        new_compensation=Decimal("92906"),
        raise_rate=Decimal("0.1"),
    ),
    *(
        factory.create_contribution_event(
            OLD,
            date(year, 6, 30),
            source=source,
            amount=Decimal(amount),
            pay_date=date(year, 6, 30),
            period_compensation=Decimal("7000"),
            year_to_date=Decimal(amount),
        )
        for year, source, amount in [
            (2025, "employee_pre_tax", 100),
            (2025, "employee_catch_up", 20),
            (2025, "employee_roth_catch_up", 3),
            (2025, "employer_match", 50),
            (2025, "employer_match_true_up", 7),
            (2026, "employee_pre_tax", 110),
        ]
    ),
    factory.create_termination_event(
        OLD,
        date(2026, 8, 31),
        termination_type="experienced_termination",
        reason="retirement",
        annual_compensation=Decimal("92906"),
    ),
]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    path = create_log(tmp_path / "log.duckdb", people=[{"employee_id": OLD}])
    append(path, LIVES)
    with duckdb.connect(str(path)) as connection:
        yield connection


def test_before_any_event_the_state_is_genesis(log: duckdb.DuckDBPyConnection) -> None:
    state = person_state(log, OLD, date(2024, 12, 31))
    assert (state["level_id"], state["current_compensation"]) == (2, 80000)
    assert state["employment_status"] == "active"


def test_an_event_counts_from_its_day(log: duckdb.DuckDBPyConnection) -> None:
    assert person_state(log, OLD, date(2025, 6, 30))["current_compensation"] == 82000
    state = person_state(log, OLD, date(2025, 7, 1))
    assert (state["level_id"], state["current_compensation"]) == (3, 92906)


def test_the_exit_day_is_the_first_day_as_a_leaver(log: duckdb.DuckDBPyConnection) -> None:
    assert person_state(log, OLD, date(2026, 8, 30))["employment_status"] == "active"
    state = person_state(log, OLD, date(2026, 8, 31))
    assert state["employment_status"] == "terminated"
    assert (state["termination_date"], state["termination_reason"]) == (
        date(2026, 8, 31),
        "retirement",
    )


def test_money_is_summed_by_source_this_year_and_ever(log: duckdb.DuckDBPyConnection) -> None:
    state = person_state(log, OLD, date(2026, 12, 31))
    assert (state["employee_pre_tax"], state["employee_pre_tax_to_date"]) == (110, 210)
    assert (state["employee_catch_up"], state["employee_catch_up_to_date"]) == (0, 23)
    assert (state["employer_match"], state["employer_match_to_date"]) == (0, 57)
    assert person_state(log, OLD, date(2025, 12, 31))["annual_additions"] == 157


def test_a_rehire_is_at_work_again(log: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    log.close()
    path = tmp_path / "log.duckdb"
    again = factory.create_hire_event(
        OLD,
        date(2027, 2, 1),
        employee_birth_date=date(1985, 3, 15),
        level_id=2,
        annual_compensation=Decimal("70000"),
        scheduled_hours_per_week=Decimal(30),
    )
    append(path, [again])
    with duckdb.connect(str(path)) as connection:
        state = person_state(connection, OLD, date(2027, 12, 31))
    assert state["employment_status"] == "active"
    assert state["termination_date"] is None
    assert state["current_compensation"] == 70000
    assert state["employee_hire_date"] == date(2020, 1, 6)


def test_a_person_exists_from_the_day_of_hire(log: duckdb.DuckDBPyConnection) -> None:
    assert workforce_state(log, date(2025, 2, 28)).column("employee_id").to_pylist() == [OLD]
    assert workforce_state(log, date(2025, 3, 1)).column("employee_id").to_pylist() == [OLD, NEW]
    with pytest.raises(UnknownPersonError, match=r"NH_2025_000001 .* by 2025-02-28"):
        person_state(log, NEW, date(2025, 2, 28))


def test_one_person_s_state_is_the_workforce_s_row(log: duckdb.DuckDBPyConnection) -> None:
    for day in (date(2025, 1, 1), date(2025, 7, 1), date(2026, 12, 31)):
        for row in workforce_state(log, day).to_pylist():
            assert person_state(log, row["employee_id"], day) == row


def test_history_is_in_order_and_ends_at_the_day(log: duckdb.DuckDBPyConnection) -> None:
    told = person_events(log, OLD, date(2025, 7, 1))
    assert [event["event_type"] for event in told] == [
        "cola",
        *["contribution"] * 5,
        "merit",
        "promotion",
    ]


def test_the_summary_counts_people_at_work_and_their_rates(log: duckdb.DuckDBPyConnection) -> None:
    summary = workforce_summary(log, date(2025, 12, 31))
    assert (summary["active_people"], summary["annual_payroll"]) == (2, 152906)
    assert summary["employee_contributions_this_year"] == 123
    assert workforce_summary(log, date(2026, 12, 31))["people_who_left_this_year"] == 1


def snapshot(log: duckdb.DuckDBPyConnection, year: int, change: str = "") -> None:
    """A snapshot as the log tells it, except for a change made by hand."""
    state = workforce_state(log, date(year, 12, 31))
    log.register("state", state)
    log.execute(
        f"""
        CREATE OR REPLACE TABLE fct_workforce_snapshot AS
        SELECT {year} AS simulation_year, employee_id, employment_status, termination_date,
               current_compensation, employer_match, 41 AS current_age
        FROM state
        WHERE termination_date IS NULL OR YEAR(termination_date) = {year}
        """
    )
    log.unregister("state")
    if change:
        log.execute(change)


def test_log_and_snapshot_agree_on_the_columns_that_both_have(
    log: duckdb.DuckDBPyConnection,
) -> None:
    snapshot(log, 2026)
    result = replay_year(log, 2026)
    assert result.differences == []
    assert set(result.columns) == {
        "employment_status",
        "termination_date",
        "current_compensation",
        "employer_match",
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            "UPDATE fct_workforce_snapshot SET current_compensation = 1 WHERE employee_id = 'E1'",
            "E1 current_compensation: log 92906.000000, snapshot 1.000000",
        ),
        (
            "UPDATE fct_workforce_snapshot SET termination_date = NULL WHERE employee_id = 'E1'",
            "E1 termination_date: log 2026-08-31, snapshot None",
        ),
        (
            "DELETE FROM fct_workforce_snapshot WHERE employee_id = 'NH_2025_000001'",
            "NH_2025_000001 employee_id: log NH_2025_000001, snapshot None",
        ),
        (
            "UPDATE fct_workforce_snapshot SET employee_id = 'X' WHERE employee_id = 'E1'",
            "X employee_id: log None, snapshot X",
        ),
    ],
)
def test_a_difference_names_person_column_and_both_values(
    change: str, expected: str, log: duckdb.DuckDBPyConnection
) -> None:
    snapshot(log, 2026, change)
    assert expected in [str(difference) for difference in replay_year(log, 2026).differences]


def test_who_left_in_an_earlier_year_is_not_in_the_snapshot(
    log: duckdb.DuckDBPyConnection,
) -> None:
    snapshot(log, 2027)
    assert replay_year(log, 2027).differences == []
    log.execute(
        "INSERT INTO fct_workforce_snapshot BY NAME SELECT 2027 AS simulation_year, "
        "'E1' AS employee_id"
    )
    assert [str(difference) for difference in replay_year(log, 2027).differences] == [
        "E1 employee_id: log None, snapshot E1"
    ]
