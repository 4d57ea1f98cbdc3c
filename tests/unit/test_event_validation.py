"""A published row that was tampered with by hand is found and named."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from config.events import SimulationEvent
from orchestrator import event_batches
from orchestrator.event_batches import Failure
from orchestrator.event_validation import validate_published_log
from orchestrator.quality import check_events
from tests.event_logs import append, create_log, factory

HIRE = factory.create_hire_event(
    "NH_2025_000001",
    date(2025, 3, 1),
    employee_birth_date=date(1990, 5, 17),
    level_id=1,
    annual_compensation=Decimal("60000"),
    scheduled_hours_per_week=Decimal(40),
)
PAY = factory.create_contribution_event(
    "NH_2025_000001",
    date(2025, 3, 31),
    source="employee_pre_tax",
    amount=Decimal("300"),
    pay_date=date(2025, 3, 31),
    period_compensation=Decimal("5000"),
    year_to_date=Decimal("300"),
)
RAISE = factory.create_merit_event(
    "NH_2025_000001",
    date(2025, 7, 1),
    level_id=1,
    previous_compensation=Decimal("60000"),
    new_compensation=Decimal("61800"),
    merit_rate=Decimal("0.03"),
)
EXIT = factory.create_termination_event(
    "NH_2025_000001",
    date(2025, 10, 15),
    termination_type="new_hire_termination",
    reason="voluntary",
    annual_compensation=Decimal("61800"),
)
LIFE = [HIRE, PAY, RAISE, EXIT]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = create_log(tmp_path / "log.duckdb")
    append(path, LIFE)
    return path


def tamper(log: Path, event: SimulationEvent, change: str) -> list[Failure]:
    """Change one row by hand; what the validation then finds."""
    with duckdb.connect(str(log)) as connection:
        connection.execute(
            f"UPDATE fct_yearly_events SET {change} WHERE event_id = '{event.event_id}'"
        )
    return validate_published_log(log).failures.examples


def test_an_untouched_log_passes(log: Path) -> None:
    report = validate_published_log(log)
    assert report.passed
    assert (report.rows, report.validated, report.scope) == (4, 4, "all 4 rows")


@pytest.mark.parametrize(
    ("event", "change", "rule", "field", "value"),
    [
        (HIRE, "effective_date = '2024-03-01'", "date_outside_simulation_year", "", None),
        (HIRE, "source_system = 'payroll'", "literal_error", "source_system", "'payroll'"),
        (HIRE, "employee_id = ''", "string_too_short", "employee_id", "''"),
        (HIRE, "created_at = 'infinity'", "datetime_type", "created_at", "None"),
        (
            PAY,
            "event_payload = replace(event_payload, '300', '-300')",
            "greater_than",
            "payload.amount",
            "'-300'",
        ),
        (
            PAY,
            """event_payload = '{"event_type":\n "contribution"}'""",
            "missing",
            "payload.source",
            "absent",
        ),
        (PAY, "event_payload = 'null'", "dict_type", "payload", "None"),
        (PAY, "amount = 301", "column_contradicts_payload", "amount", "301.000000"),
        (PAY, "source = NULL", "column_contradicts_payload", "source", "NULL"),
        (PAY, "event_type = 'bonus'", "column_contradicts_payload", "event_type", "bonus"),
        (RAISE, "rate = 0.04", "column_contradicts_payload", "rate", "0.040000"),
        (RAISE, "level_id = 2", "column_contradicts_payload", "level_id", "2"),
        (
            EXIT,
            "event_category = 'experienced_termination'",
            "column_contradicts_payload",
            "event_category",
            "experienced_termination",
        ),
        (
            RAISE,
            "effective_date = '2025-10-16'",
            "event_after_termination",
            "effective_date",
            "2025-10-16",
        ),
        (
            PAY,
            "effective_date = '2025-02-28'",
            "event_before_employment",
            "effective_date",
            "2025-02-28",
        ),
        (PAY, "scenario_id = 'other'", "event_of_another_run", "scenario_id", "other"),
        (PAY, "event_sequence = 7", "sequence_broken", "event_sequence", "7"),
        (
            PAY,
            f"event_id = '{HIRE.event_id}'",
            "repeated_event_id",
            "event_id",
            str(HIRE.event_id),
        ),
    ],
)
def test_a_tampered_row_is_found_and_named(
    event: SimulationEvent, change: str, rule: str, field: str, value: str | None, log: Path
) -> None:
    found = tamper(log, event, change)
    named = {(failure.rule, failure.field, failure.value) for failure in found}
    if value is None:
        assert (rule, field) in {names[:2] for names in named}
    else:
        assert (rule, field, value) in named
    broken = next(failure for failure in found if failure.rule == rule)
    expected_id = HIRE.event_id if rule == "repeated_event_id" else event.event_id
    assert broken.event_id == str(expected_id)


def test_a_day_before_that_of_the_event_before_it_is_found(log: Path) -> None:
    with duckdb.connect(str(log)) as connection:
        connection.execute("UPDATE fct_yearly_events SET data_quality_flag = 'ok'")
    [found] = tamper(log, RAISE, "effective_date = '2025-03-15'")
    assert (found.rule, found.event_id) == ("day_out_of_order", str(RAISE.event_id))
    assert found.message == "the event before it is of 2025-03-31"


def test_a_row_taken_away_is_named_by_the_one_after_it(log: Path) -> None:
    with duckdb.connect(str(log)) as connection:
        connection.execute(f"DELETE FROM fct_yearly_events WHERE event_id = '{PAY.event_id}'")
    [found] = validate_published_log(log).failures.examples
    assert (found.rule, found.event_id) == ("sequence_broken", str(RAISE.event_id))


def test_failures_are_counted_by_type_and_rule(log: Path) -> None:
    with duckdb.connect(str(log)) as connection:
        connection.execute("UPDATE fct_yearly_events SET source_system = 'payroll'")
        connection.execute("UPDATE fct_yearly_events SET amount = 1 WHERE event_type = 'merit'")
        connection.execute("UPDATE fct_yearly_events SET rate = 1 WHERE event_type = 'merit'")
    assert validate_published_log(log).failures.counts == {
        ("hire", "literal_error"): 1,
        ("contribution", "literal_error"): 1,
        ("merit", "literal_error"): 1,
        ("merit", "amount_without_movement"): 1,
        ("merit", "column_contradicts_payload"): 1,
        ("termination", "literal_error"): 1,
    }


def test_examples_stay_few_while_counts_are_complete(tmp_path: Path) -> None:
    path = create_log(tmp_path / "long.duckdb", people=[{"employee_id": "E1"}])
    append(path, [refund(number) for number in range(1, 41)])
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE fct_yearly_events SET source_system = 'payroll'")
    failures = validate_published_log(path).failures
    assert failures.total == 40
    assert len(failures.examples) == event_batches.EXAMPLES_PER_RULE


def refund(number: int) -> SimulationEvent:
    return factory.create_distribution_event(
        "E1",
        date(2025, 6, 1),
        source="employee_pre_tax",
        amount=Decimal(number),
        reason="excess_contribution",
    )


def test_a_sample_is_stated_and_always_the_same(tmp_path: Path) -> None:
    path = create_log(tmp_path / "long.duckdb", people=[{"employee_id": "E1"}])
    append(path, [refund(number) for number in range(1, 201)])
    report = validate_published_log(path, sample_above=100)
    assert report.rows == 200
    assert 60 < report.validated < 140
    assert report.scope == f"a sample of {report.validated} of 200 rows"
    assert validate_published_log(path, sample_above=100).validated == report.validated
    assert validate_published_log(path, sample_above=200).validated == 200


def test_a_sample_that_passes_is_not_reported_short_of_the_log(log: Path) -> None:
    with duckdb.connect(str(log)) as connection:
        check = check_events(connection, 2025)
        connection.execute("UPDATE fct_yearly_events SET source_system = 'payroll'")
        failed = check_events(connection, 2025)
    assert (check.checked_rows, check.measured, check.expected) == (4, None, None)
    assert str(failed).startswith("event_models in 2025: 4 of 4 rows fail. ")


def test_worker_processes_find_what_one_process_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [refund(number).model_dump_json().encode() for number in range(1, 31)]
    lines[17] = lines[17].replace(b"excess_contribution", b"mistake")
    batches = [(first + 1, b"\n".join(lines[first : first + 5])) for first in range(0, 30, 5)]
    alone = event_batches.validate_batches(batches[:4])
    monkeypatch.setattr(event_batches, "INLINE_BATCHES", 1)
    together = event_batches.validate_batches(batches)
    assert (alone[0], together[0]) == (20, 30)
    assert alone[1] == together[1]
    assert [failure.place for failure in together[1].examples] == [18]
