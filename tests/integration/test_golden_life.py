"""One life from hire to forfeiture, checked to the cent against hand arithmetic."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from config.events import SimulationEvent
from orchestrator.event_history import person_events, person_state
from orchestrator.event_validation import validate_published_log
from tests.event_logs import append, create_log, factory

LIFE = json.loads((Path(__file__).parent / "golden_life" / "life.json").read_text())
PERSON = LIFE["employee_id"]


def events() -> list[SimulationEvent]:
    return [
        getattr(factory, f"create_{entry['event']}_event")(
            PERSON, date.fromisoformat(entry["on"]), **entry["facts"]
        )
        for entry in LIFE["events"]
    ]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = create_log(tmp_path_factory.mktemp("golden") / "log.duckdb", years=(2021, 2025))
    append(path, events())
    return path


def test_the_life_is_a_legal_log(log: Path) -> None:
    report = validate_published_log(log)
    assert report.rows == len(LIFE["events"])
    assert report.failures.examples == []


@pytest.mark.parametrize("expected", LIFE["states"], ids=lambda expected: expected["at"])
def test_the_state_is_exactly_what_the_arithmetic_says(expected: dict[str, Any], log: Path) -> None:
    with duckdb.connect(str(log), read_only=True) as connection:
        state = person_state(connection, PERSON, date.fromisoformat(expected["at"]))
    assert {name: state[name] for name in expected["is"]} == {
        name: typed(value, state[name]) for name, value in expected["is"].items()
    }


def typed(value: Any, like: Any) -> Any:
    """The expected text, as the type that the state has."""
    if isinstance(like, Decimal):
        return Decimal(value)
    if isinstance(like, date):
        return date.fromisoformat(value)
    return value


def test_money_in_is_money_out(log: Path) -> None:
    with duckdb.connect(str(log), read_only=True) as connection:
        state = person_state(connection, PERSON, date(2025, 12, 31))
    paid_in = sum(
        amount
        for name, amount in state.items()
        if name.endswith("_to_date") and name.startswith("employ")
    )
    assert paid_in == state["distributed_to_date"] + state["forfeited_to_date"]


def test_history_shows_the_life_in_order(log: Path) -> None:
    with duckdb.connect(str(log), read_only=True) as connection:
        told = person_events(connection, PERSON, date(2025, 12, 31))
    names = [entry["event"].removesuffix("_monitoring") for entry in LIFE["events"]]
    assert [event["event_type"] for event in told] == names
