"""The commands about events, on a published result."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from config.events import EventFactory, event_schema
from orchestrator.publishing import published_database
from tests.conftest import planwise
from tests.event_logs import write_lines

FIXED_DAY = date(2027, 12, 31)


@pytest.fixture
def someone(small_run_db: Path) -> str:
    """A person who is at work at the end of the small simulation."""
    with duckdb.connect(str(small_run_db), read_only=True) as connection:
        (employee_id,) = connection.execute(
            "SELECT MIN(employee_id) FROM fct_workforce_snapshot "
            "WHERE simulation_year = 2027 AND employment_status = 'active'"
        ).fetchone()
    return employee_id


def refund(employee_id: str, plan_design_id: str = "standard_401k") -> str:
    return (
        EventFactory("baseline", plan_design_id)
        .create_distribution_event(
            employee_id,
            FIXED_DAY,
            source="employee_pre_tax",
            amount=Decimal("7654321.09"),
            reason="excess_contribution",
        )
        .model_dump_json()
    )


def test_validate_says_how_many_how_fast_and_no_failures(small_home: Path) -> None:
    done = planwise(small_home, "events", "validate")
    assert done.returncode == 0, done.stderr
    assert "all " in done.stdout
    assert "rows/s" in done.stdout
    assert "0 failures" in done.stdout


def test_validate_says_when_it_took_a_sample(small_home: Path) -> None:
    done = planwise(small_home, "events", "validate", "--sample-above", "1000")
    assert done.returncode == 0, done.stderr
    assert "a sample of" in done.stdout


def test_validate_fails_on_a_row_changed_by_hand(home_with_result: Path) -> None:
    with duckdb.connect(str(published_database("baseline"))) as connection:
        connection.execute(
            "UPDATE fct_yearly_events SET amount = amount + 1 WHERE event_id = "
            "(SELECT MIN(event_id) FROM fct_yearly_events WHERE event_type = 'contribution')"
        )
    done = planwise(home_with_result, "events", "validate")
    assert done.returncode == 1
    assert "contribution column_contradicts_payload: 1" in done.stdout


def test_import_publishes_a_longer_log(
    home_with_result: Path, someone: str, tmp_path: Path
) -> None:
    before = published_database("baseline")
    done = planwise(
        home_with_result,
        "events",
        "import",
        str(write_lines(tmp_path / "one.jsonl", [refund(someone)])),
    )
    assert done.returncode == 0, done.stderr
    after = published_database("baseline")
    assert after != before
    assert count(after) == count(before) + 1
    eve = planwise(home_with_result, "history", someone, "--as-of", "2027-12-30")
    assert "7,654,321.09" not in eve.stdout
    assert (
        "7,654,321.09 excess_contribution" in planwise(home_with_result, "history", someone).stdout
    )
    assert planwise(home_with_result, "events", "validate").returncode == 0


def count(database: Path) -> int:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute("SELECT COUNT(*) FROM fct_yearly_events").fetchone()[0]


def test_a_refused_import_leaves_the_published_result_and_nothing_else(
    home_with_result: Path, someone: str, tmp_path: Path
) -> None:
    before = published_database("baseline")
    lines = [refund(someone), refund(someone).replace("7654321.09", "-7654321.09"), "{oops"]
    done = planwise(
        home_with_result, "events", "import", str(write_lines(tmp_path / "bad.jsonl", lines))
    )
    assert done.returncode == 1
    assert "line 2: distribution" in done.stderr
    assert "payload.amount = '-7654321.09'" in done.stderr
    assert "line 3: " in done.stderr
    assert published_database("baseline") == before
    assert not list(home_with_result.glob("work/*/"))


def test_history_of_nobody_is_an_error(small_home: Path) -> None:
    done = planwise(small_home, "history", "NOBODY")
    assert done.returncode == 1
    assert "NOBODY is neither in the census nor hired by 2027-12-31" in done.stderr


def test_replay_compares_every_snapshot_up_to_the_day(small_home: Path) -> None:
    done = planwise(small_home, "replay", "--as-of", "2026-12-31")
    assert done.returncode == 0, done.stdout + done.stderr
    compared = [line for line in done.stdout.splitlines() if "compared" in line]
    assert [line[:4] for line in compared] == ["2025", "2026"]
    assert all(line.endswith(" 0 differences") for line in compared)


def test_replay_fails_when_the_snapshot_was_changed(home_with_result: Path, someone: str) -> None:
    with duckdb.connect(str(published_database("baseline"))) as connection:
        connection.execute(
            "UPDATE fct_workforce_snapshot SET deferral_rate = 0.99 "
            "WHERE simulation_year = 2027 AND employee_id = ?",
            [someone],
        )
    done = planwise(home_with_result, "replay")
    assert done.returncode == 1
    assert f"{someone} deferral_rate: log " in done.stdout


def test_schema_prints_the_model_s_schema(small_home: Path, tmp_path: Path) -> None:
    done = planwise(small_home, "events", "schema")
    assert json.loads(done.stdout) == event_schema()
    path = tmp_path / "schema.json"
    planwise(small_home, "events", "schema", "--output", str(path))
    assert json.loads(path.read_text()) == event_schema()


@pytest.mark.parametrize(
    "command",
    [["events", "validate"], ["events", "import"], ["events", "schema"], ["history"], ["replay"]],
)
def test_help_has_an_example(command: list[str], small_home: Path) -> None:
    done = planwise(small_home, *command, "--help")
    assert done.returncode == 0
    assert "Example: " in done.stdout


@pytest.mark.parametrize(
    ("day", "note"),
    [
        ("2028-02-29", "nothing is simulated after 2027-12-31"),
        ("2024-02-29", "the log begins with the census of 2024-12-31"),
    ],
)
def test_a_day_outside_the_simulation_is_said_to_be_one(
    day: str, note: str, small_home: Path
) -> None:
    done = planwise(small_home, "replay", "--as-of", day)
    assert done.returncode == 0, done.stderr
    assert note in done.stderr
    assert planwise(small_home, "replay", "--as-of", "2024-12-31").stderr == ""
