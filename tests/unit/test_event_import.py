"""All of a file enters the log, or nothing of it, and what is wrong is named exactly."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.events import SimulationEvent
from orchestrator.event_history import person_state
from orchestrator.event_import import EventFileError, EventImportError, import_events
from orchestrator.event_validation import validate_published_log
from tests.event_logs import create_log, factory, write_lines

MERIT = factory.create_merit_event(
    "E1",
    date(2025, 7, 1),
    level_id=2,
    previous_compensation=Decimal("80000"),
    new_compensation=Decimal("82800"),
    merit_rate=Decimal("0.035"),
)
FIRST_PAY = factory.create_contribution_event(
    "E1",
    date(2025, 1, 31),
    source="employee_pre_tax",
    amount=Decimal("400"),
    pay_date=date(2025, 1, 31),
    period_compensation=Decimal("6666.67"),
    year_to_date=Decimal("400"),
)
EXIT = factory.create_termination_event(
    "E1",
    date(2025, 9, 30),
    termination_type="experienced_termination",
    reason="voluntary",
    annual_compensation=Decimal("82800"),
)
LIFE = [FIRST_PAY, MERIT, EXIT]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return create_log(tmp_path / "log.duckdb", people=[{"employee_id": "E1"}])


def load(database: Path, path: Path) -> int:
    with duckdb.connect(str(database)) as connection:
        return import_events(connection, path).events


def rows(database: Path, columns: str = "*") -> list[tuple]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(
            f"SELECT {columns} FROM fct_yearly_events ORDER BY employee_id, event_sequence"
        ).fetchall()


def changed(event: SimulationEvent, **context: object) -> str:
    return json.dumps(event.model_dump(mode="json") | context)


def with_payload(event: SimulationEvent, **fields: object) -> str:
    raw = event.model_dump(mode="json")
    return json.dumps(raw | {"payload": raw["payload"] | fields})


def test_imported_events_are_legal_rows_of_the_log(log: Path, tmp_path: Path) -> None:
    assert load(log, write_lines(tmp_path / "life.jsonl", LIFE)) == 3
    report = validate_published_log(log)
    assert (report.rows, report.validated, report.failures.total) == (3, 3, 0)


def test_typed_columns_are_derived_from_payload_and_life(log: Path, tmp_path: Path) -> None:
    load(log, write_lines(tmp_path / "life.jsonl", LIFE))
    money = [Decimal("6666.67"), Decimal("82800"), Decimal("82800")]
    facts = rows(log, "event_type, event_category, event_sequence, compensation_amount, level_id")
    assert facts == [
        ("contribution", "contribution", 1, money[0], 2),
        ("merit", "merit", 2, money[1], 2),
        ("termination", "experienced_termination", 3, money[2], 2),
    ]
    # Born 15 March 1985, hired 6 January 2020: 40 and 5 at 31 December and on 30 September 2025.
    assert set(rows(log, "employee_age, employee_tenure, age_band, tenure_band")) == {
        (40, 5, "40+", "2+")
    }


def test_events_are_read_back_bit_for_bit(log: Path, tmp_path: Path) -> None:
    load(log, write_lines(tmp_path / "life.jsonl", LIFE))
    payloads = [json.loads(payload) for (payload,) in rows(log, "event_payload")]
    assert payloads == [event.model_dump(mode="json")["payload"] for event in LIFE]
    ids = [event_id for (event_id,) in rows(log, "event_id")]
    assert ids == [event.event_id for event in LIFE]


def test_parquet_and_json_lines_give_the_same_rows(log: Path, tmp_path: Path) -> None:
    other = create_log(tmp_path / "other.duckdb", people=[{"employee_id": "E1"}])
    load(log, write_lines(tmp_path / "life.jsonl", LIFE))
    load(other, write_parquet(tmp_path / "life.parquet", LIFE))
    assert rows(other) == rows(log)


def write_parquet(path: Path, events: list[SimulationEvent]) -> Path:
    table = pa.Table.from_pylist(
        [
            event.model_dump(exclude={"payload", "event_id"})
            | {"event_id": str(event.event_id), "payload": event.payload.model_dump_json()}
            for event in events
        ]
    )
    pq.write_table(table, path)
    return path


def drop(event: SimulationEvent, field: str) -> str:
    raw = event.model_dump(mode="json")
    del raw[field]
    return json.dumps(raw)


BAD_LINES = {
    "unknown event type": (
        with_payload(MERIT, event_type="bonus"),
        "union_tag_invalid",
        "payload.event_type",
        "'bonus'",
    ),
    "missing context": (drop(MERIT, "employee_id"), "missing", "employee_id", "absent"),
    "extra context": (changed(MERIT, mood="good"), "extra_forbidden", "mood", "'good'"),
    "extra field": (with_payload(MERIT, bonus="1"), "extra_forbidden", "payload.bonus", "'1'"),
    "wrong enumeration": (
        with_payload(EXIT, reason="bored"),
        "literal_error",
        "payload.reason",
        "'bored'",
    ),
    "NaN": (
        with_payload(FIRST_PAY, amount=float("nan")),
        "decimal_string",
        "payload.amount",
        "nan",
    ),
    "NaN as text": (
        with_payload(FIRST_PAY, amount="NaN"),
        "decimal_string",
        "payload.amount",
        "'NaN'",
    ),
    "money as a number": (
        with_payload(FIRST_PAY, amount=400.0),
        "decimal_string",
        "payload.amount",
        "400.0",
    ),
    "too many decimals": (
        with_payload(FIRST_PAY, amount="0.0000001"),
        "decimal_string",
        "payload.amount",
        "'0.0000001'",
    ),
    "no money moved": (
        with_payload(FIRST_PAY, amount="0"),
        "greater_than",
        "payload.amount",
        "'0'",
    ),
    "date outside the simulation year": (
        changed(MERIT, effective_date="2026-01-01"),
        "date_outside_simulation_year",
        "",
        "",
    ),
    "malformed JSON": ('{"event_id": ', "json_invalid", "", "'{\"event_id\": '"),
    "not an object": ("[1]", "model_type", "", "[1]"),
    "blank line": ("", "json_invalid", "", "''"),
}


@pytest.mark.parametrize("kind", BAD_LINES)
def test_a_bad_line_is_named_and_nothing_is_written(kind: str, log: Path, tmp_path: Path) -> None:
    line, rule, field, value = BAD_LINES[kind]
    path = write_lines(tmp_path / "bad.jsonl", [FIRST_PAY, line, EXIT])
    with pytest.raises(EventImportError) as refused:
        load(log, path)
    (failure,) = refused.value.failures.examples
    assert (failure.place, failure.rule, failure.field) == (2, rule, field)
    assert failure.value == value or not value
    assert "line 2: " in str(refused.value)
    assert rows(log) == []


def test_half_objects_on_two_lines_are_not_one_event(log: Path, tmp_path: Path) -> None:
    first, second = MERIT.model_dump_json().split(',"scenario_id"')
    lines = [first, f'"scenario_id"{second}']
    with pytest.raises(EventImportError) as refused:
        load(log, write_lines(tmp_path / "halves.jsonl", lines))
    assert [failure.place for failure in refused.value.failures.examples] == [1, 2]


def test_two_events_on_a_line_do_not_make_up_for_half_objects(log: Path, tmp_path: Path) -> None:
    first, second = MERIT.model_dump_json().split(',"scenario_id"')
    both = f"{FIRST_PAY.model_dump_json()},{EXIT.model_dump_json()}"
    lines = [both, first, f'"scenario_id"{second}']
    with pytest.raises(EventImportError) as refused:
        load(log, write_lines(tmp_path / "halves.jsonl", lines))
    assert [failure.place for failure in refused.value.failures.examples] == [1, 2, 3]


def test_a_moment_that_the_log_cannot_read_is_an_error_of_the_file(
    log: Path, tmp_path: Path
) -> None:
    lines = [MERIT, changed(EXIT, created_at=1_700_000_000)]
    with pytest.raises(EventFileError, match="1700000000"):
        load(log, write_lines(tmp_path / "moment.jsonl", lines))
    assert rows(log) == []


def test_an_id_repeated_in_the_file_is_refused(log: Path, tmp_path: Path) -> None:
    with pytest.raises(EventImportError, match=r"line 2: .*repeated_event_id"):
        load(log, write_lines(tmp_path / "twice.jsonl", [MERIT, MERIT]))
    assert rows(log) == []


def test_an_id_already_in_the_log_is_refused(log: Path, tmp_path: Path) -> None:
    load(log, write_lines(tmp_path / "life.jsonl", [FIRST_PAY, MERIT]))
    before = rows(log)
    with pytest.raises(EventImportError, match=rf"line 2: .*{MERIT.event_id}.*repeated_event_id"):
        load(log, write_lines(tmp_path / "again.jsonl", [EXIT, MERIT]))
    assert rows(log) == before


def test_an_event_after_termination_is_refused_whichever_came_first(
    log: Path, tmp_path: Path
) -> None:
    late = factory.create_merit_event(
        "E1",
        date(2025, 10, 1),
        level_id=2,
        previous_compensation=Decimal("82800"),
        new_compensation=Decimal("85000"),
        merit_rate=Decimal("0.03"),
    )
    with pytest.raises(EventImportError, match=r"line 2: .*the person left on 2025-09-30"):
        load(log, write_lines(tmp_path / "late.jsonl", [EXIT, late]))
    load(log, write_lines(tmp_path / "late.jsonl", [late]))
    with pytest.raises(EventImportError, match=r"in the log: merit.*event_after_termination"):
        load(log, write_lines(tmp_path / "exit.jsonl", [EXIT]))


def test_money_may_leave_the_plan_after_the_person_left(log: Path, tmp_path: Path) -> None:
    refund = factory.create_distribution_event(
        "E1",
        date(2025, 11, 3),
        source="employee_pre_tax",
        amount=Decimal("400"),
        reason="cash_out",
    )
    assert load(log, write_lines(tmp_path / "refund.jsonl", [*LIFE, refund])) == 4


def test_a_former_employee_has_an_account_but_gets_no_raise(tmp_path: Path) -> None:
    former = {"employee_id": "F1", "employee_termination_date": date(2024, 6, 30)}
    log = create_log(tmp_path / "log.duckdb", people=[former])
    refund = factory.create_distribution_event(
        "F1", date(2025, 3, 1), source="employee_pre_tax", amount=Decimal("40"), reason="cash_out"
    )
    assert load(log, write_lines(tmp_path / "refund.jsonl", [refund])) == 1
    assert rows(log, "employee_id, compensation_amount, employee_age") == [
        ("F1", Decimal("80000"), 40)
    ]
    assert validate_published_log(log).failures.total == 0
    raised = MERIT.model_copy(update={"employee_id": "F1"})
    with pytest.raises(EventImportError, match=r"F1.*the person left on 2024-06-30"):
        load(log, write_lines(tmp_path / "raised.jsonl", [raised]))
    with duckdb.connect(str(log), read_only=True) as connection:
        assert person_state(connection, "F1", date(2025, 12, 31)) == {
            "employee_id": "F1",
            "employee_birth_date": date(1985, 3, 15),
            "employee_hire_date": date(2020, 1, 6),
            "employment_status": "terminated",
            "termination_date": date(2024, 6, 30),
        }


def test_an_event_without_the_moment_of_its_creation_is_created_now(
    log: Path, tmp_path: Path
) -> None:
    raw = FIRST_PAY.model_dump(mode="json")
    del raw["created_at"]
    assert load(log, write_lines(tmp_path / "life.jsonl", [json.dumps(raw)])) == 1
    assert rows(log, "created_at > NOW() - INTERVAL 1 HOUR") == [(True,)]


def test_a_person_nobody_knows_is_refused(log: Path, tmp_path: Path) -> None:
    stranger = MERIT.model_copy(update={"employee_id": "E9"})
    with pytest.raises(EventImportError, match=r"E9.*nobody knows this person"):
        load(log, write_lines(tmp_path / "stranger.jsonl", [stranger]))


@pytest.mark.parametrize(
    ("field", "value"), [("scenario_id", "high_growth"), ("plan_design_id", "safe_harbor")]
)
def test_an_event_of_another_run_is_refused(
    field: str, value: str, log: Path, tmp_path: Path
) -> None:
    foreign = MERIT.model_copy(update={field: value})
    with pytest.raises(EventImportError, match=f"{field} = {value}.*event_of_another_run"):
        load(log, write_lines(tmp_path / "foreign.jsonl", [foreign]))


def test_a_key_written_twice_is_refused(log: Path, tmp_path: Path) -> None:
    line = FIRST_PAY.model_dump_json().replace('"amount":"400"', '"amount":"9","amount":"400"')
    with pytest.raises(EventImportError, match="repeated_key"):
        load(log, write_lines(tmp_path / "twice.jsonl", [line]))


def test_a_payload_that_is_no_json_is_named_by_row(log: Path, tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "life.parquet", LIFE)
    table = pq.read_table(path)
    payloads = table.column("payload").to_pylist()
    payloads[1] = "{broken"
    index = table.schema.get_field_index("payload")
    pq.write_table(table.set_column(index, "payload", pa.array(payloads)), path)
    with pytest.raises(EventImportError, match=r"line 2: .*payload = '\{broken'"):
        load(log, path)


def test_parquet_columns_are_the_model_s(log: Path, tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "life.parquet", LIFE)
    table = pq.read_table(path)
    pq.write_table(
        table.drop_columns(["employee_id"]).append_column("mood", table["payload"]), path
    )
    with pytest.raises(EventFileError, match="missing: employee_id; unknown: mood"):
        load(log, path)


@pytest.mark.parametrize("name", ["absent.jsonl", "empty.jsonl", "events.csv", "broken.parquet"])
def test_a_file_that_holds_no_events_is_refused(name: str, log: Path, tmp_path: Path) -> None:
    path = tmp_path / name
    if not name.startswith("absent"):
        path.write_text("" if name.startswith("empty") else "event_id\n")
    with pytest.raises(EventFileError, match=name):
        load(log, path)
