"""One definition: the models, the dbt contract of the log and the JSON of each branch agree."""

import json
from datetime import date
from itertools import chain
from pathlib import Path
from types import NoneType
from typing import Any, get_args
from uuid import UUID

import duckdb
import pytest
from jinja2 import Environment
from pydantic import AwareDatetime

from config.events import (
    SimulationEvent,
    allowed_values,
    event_schema,
    event_types,
    payload_columns,
    payload_fields,
    payload_models,
    source_systems,
)
from orchestrator.event_history import replay_year, simulated_years
from orchestrator.event_validation import validate_published_log
from orchestrator.home import DBT_PROJECT
from tests.event_logs import contract, is_required

COLUMN_TYPE = {
    UUID: "UUID",
    str: "VARCHAR",
    int: "INTEGER",
    date: "DATE",
    AwareDatetime: "TIMESTAMPTZ",
}
SCHEMA_FILE = Path(__file__).parents[2] / "docs" / "event_schema.json"
VOCABULARY = DBT_PROJECT / "macros" / "events" / "event_vocabulary.sql"


@pytest.fixture(scope="module")
def log(small_run_db: Path) -> Any:
    with duckdb.connect(str(small_run_db), read_only=True) as connection:
        yield connection


def accepted_values(column: dict[str, Any]) -> list[str] | None:
    for test in column.get("data_tests", []):
        if isinstance(test, dict) and "accepted_values" in test:
            return test["accepted_values"]["arguments"]["values"]
    return None


def context_fields() -> dict[str, Any]:
    fields = dict(SimulationEvent.model_fields)
    del fields["payload"]
    return fields


@pytest.mark.parametrize("name", context_fields())
def test_the_contract_has_each_context_field_as_the_model_types_it(name: str) -> None:
    column = contract("fct_yearly_events")[name]
    annotation = context_fields()[name].annotation
    members = [kind for kind in get_args(annotation) or [annotation] if kind is not NoneType]
    kind = str if isinstance(members[0], str) else members[0]
    kind = get_args(kind)[0] if get_args(kind) else kind
    assert column["data_type"].upper() == COLUMN_TYPE[kind]
    nullable = NoneType in get_args(annotation)
    assert is_required(column) is not nullable


def words_of_the_models(column: str) -> set[str]:
    whole = {"event_type": event_types(), "source_system": source_systems()}
    stated = [
        allowed_values(event_type, payload_columns(event_type)[column]) or ()
        for event_type in event_types()
        if column in payload_columns(event_type)
    ]
    return set(chain(whole.get(column, ()), *stated))


@pytest.mark.parametrize("column", ["event_type", "source_system", "source", "reason"])
def test_the_contract_accepts_the_words_of_the_models(column: str) -> None:
    accepted = accepted_values(contract("fct_yearly_events")[column])
    assert set(accepted or []) == words_of_the_models(column)


@pytest.mark.parametrize(
    ("vocabulary", "column"),
    [
        ("event_types", "event_type"),
        ("contribution_sources", "source"),
        ("source_systems", "source_system"),
    ],
)
def test_the_branches_may_write_the_words_of_the_models(vocabulary: str, column: str) -> None:
    returned: list[list[str]] = []
    macros = Environment().from_string(VOCABULARY.read_text(), globals={"return": returned.append})
    getattr(macros.module, vocabulary)()
    assert set(returned[0]) == words_of_the_models(column)


@pytest.mark.parametrize("event_type", event_types())
def test_typed_columns_that_repeat_the_payload_are_in_the_contract(event_type: str) -> None:
    assert payload_columns(event_type).keys() <= contract("fct_yearly_events").keys()
    assert set(payload_columns(event_type).values()) <= set(payload_fields(event_type))


def test_the_small_run_has_events_of_every_type(log: duckdb.DuckDBPyConnection) -> None:
    rows = log.execute("SELECT DISTINCT event_type FROM fct_yearly_events").fetchall()
    assert {event_type for (event_type,) in rows} == set(event_types())


@pytest.mark.parametrize("event_type", event_types())
def test_each_branch_renders_exactly_the_fields_of_its_payload(
    event_type: str, log: duckdb.DuckDBPyConnection
) -> None:
    rendered = log.execute(
        "SELECT DISTINCT JSON_KEYS(event_payload) FROM fct_yearly_events WHERE event_type = ?",
        [event_type],
    ).fetchall()
    assert [sorted(keys) for (keys,) in rendered] == [sorted(payload_fields(event_type))]


@pytest.mark.parametrize("event_type", event_types())
def test_each_branch_renders_the_json_types_of_the_schema(
    event_type: str, log: duckdb.DuckDBPyConnection
) -> None:
    names = {"VARCHAR": "string", "UBIGINT": "integer", "BOOLEAN": "boolean", "NULL": "null"}
    model = payload_models()[event_type].__name__
    properties = event_schema()["$defs"][model]["properties"]
    for field in payload_fields(event_type):
        rows = log.execute(
            f"SELECT DISTINCT JSON_TYPE(event_payload, '$.{field}') FROM fct_yearly_events "
            "WHERE event_type = ?",
            [event_type],
        ).fetchall()
        legal = [kind["type"] for kind in properties[field].get("anyOf", [properties[field]])]
        assert {names[kind] for (kind,) in rows} <= set(legal), field


def test_engines_name_themselves_as_the_model_lists_them(log: duckdb.DuckDBPyConnection) -> None:
    rows = log.execute("SELECT DISTINCT source_system FROM fct_yearly_events").fetchall()
    assert {system for (system,) in rows} == set(source_systems()) - {"import"}


def test_every_published_row_passes(small_run_db: Path) -> None:
    report = validate_published_log(small_run_db)
    assert report.validated == report.rows > 10_000
    assert report.failures.examples == []


def test_genesis_and_events_give_the_snapshot_of_every_year(
    log: duckdb.DuckDBPyConnection,
) -> None:
    assert simulated_years(log) == [2025, 2026, 2027]
    for year in simulated_years(log):
        result = replay_year(log, year)
        assert result.differences == []
        assert {"current_compensation", "deferral_rate", "employer_match", "is_hce"} < set(
            result.columns
        )


def test_the_exported_schema_is_the_model_s() -> None:
    assert json.loads(SCHEMA_FILE.read_text()) == event_schema()
