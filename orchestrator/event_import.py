"""Events made elsewhere into the log: all of a file, or nothing of it.

A file is JSON lines (`.jsonl`, one event a line, as `SimulationEvent.model_dump_json` writes it) or
Parquet (`.parquet`, the model's context columns and `payload` as JSON text). Every event meets the
models, then the file and the log together meet the rules of the log, and only then are rows
written, by one statement.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from config.events import SimulationEvent, event_types, payload_columns
from orchestrator.dbt_macros import completed_years
from orchestrator.event_batches import Batch, Failures, validate_batches
from orchestrator.event_log_rules import (
    COLUMN_TYPES,
    broken_rules,
    life_rules,
    of_another_run,
    repeated_ids,
    repeated_keys,
)
from orchestrator.event_validation import event_lines

CHUNK_BYTES = 4_000_000
APPEND_SQL = Path(__file__).parent / "sql" / "append_events.sql"

CONTEXT_TYPES = {
    "event_id": "UUID",
    "employee_id": "VARCHAR",
    "effective_date": "DATE",
    "scenario_id": "VARCHAR",
    "plan_design_id": "VARCHAR",
    "simulation_year": "INTEGER",
    "source_system": "VARCHAR",
    "correlation_id": "VARCHAR",
    "created_at": "TIMESTAMPTZ",
}
OPTIONAL_CONTEXT = {"correlation_id": "NULL", "created_at": "NOW()"}
# Text that is no JSON becomes a JSON string, so that the model names it as no payload.
FILE_LINE = """CONCAT(JSON_OBJECT(
  'event_id', event_id,
  'employee_id', employee_id,
  'effective_date', effective_date,
  'scenario_id', scenario_id,
  'plan_design_id', plan_design_id,
  'simulation_year', simulation_year,
  'source_system', source_system,
  'correlation_id', correlation_id,
  'created_at', (created_at AT TIME ZONE 'UTC') || 'Z',
  'payload', IF(JSON_VALID(payload), CAST(payload AS JSON), TO_JSON(payload))
), CHR(10))"""
# Rows of a table made by one statement are numbered from 0, in the order of the file.
PLACE = "rowid + 1 AS place"
# Categories of events whose payload has no finer kind.
PLAIN_CATEGORY = "IF(event_type = 'hire', 'new_hire', event_type)"


class EventFileError(Exception):
    """The file cannot be read as events at all; the message says why."""


class EventImportError(Exception):
    """A file was refused whole; `failures` says what is wrong where, and nothing was written."""

    def __init__(self, path: Path, failures: Failures) -> None:
        shown = sorted(failures.examples, key=lambda failure: failure.place)
        lines = [f"{path} was refused, nothing was written: {failures.total:,} failures."]
        for failure in shown:
            place = f"line {failure.place}" if failure.place else "in the log"
            lines.append(f"  {place}: {failure}")
        if len(shown) < failures.total:
            lines.append(f"  … and {failures.total - len(shown):,} more of the same kinds.")
        super().__init__("\n".join(lines))
        self.failures = failures


@dataclass(frozen=True)
class ImportReport:
    """`events` appended in `seconds`, of which the models took `validation_seconds`."""

    path: Path
    events: int
    seconds: float
    validation_seconds: float


def import_events(connection: duckdb.DuckDBPyConnection, path: Path) -> ImportReport:
    """Append the events of a file to `fct_yearly_events`.

    Raises `EventFileError`, or `EventImportError` for: what the models refuse, an `event_id` met
    twice in the file or already in the log, events of another scenario, plan design or of a year
    that was not simulated, and whatever breaks a rule of the log once the file is part of it (an
    event after the person's termination, a person nobody knows, …).
    """
    start = time.perf_counter()
    rows = _rows_of(connection, path)
    events, failures = validate_batches(_batches(connection, path, rows))
    validation_seconds = time.perf_counter() - start
    if failures.total:
        raise EventImportError(path, failures)
    if not events:
        raise EventFileError(f"{path}: there are no events in it.")
    try:
        connection.execute(_stage_sql(rows))
    except duckdb.InvalidInputException as error:
        raise EventFileError(f"{path}: not readable as events: {error}") from error
    failures = _check_staged(connection)
    if failures.total:
        raise EventImportError(path, failures)
    age = completed_years("from_date", "to_date")
    connection.execute(f"CREATE OR REPLACE TEMP MACRO completed_years(from_date, to_date) AS {age}")
    connection.execute(APPEND_SQL.read_text())
    connection.execute("DROP TABLE staged_events")
    return ImportReport(path, events, time.perf_counter() - start, validation_seconds)


def _rows_of(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """The file as a relation of the context columns and `payload`, in its order."""
    if not path.is_file():
        raise EventFileError(f"{path}: there is no such file.")
    literal = "'" + str(path).replace("'", "''") + "'"
    if path.suffix == ".jsonl":
        columns = CONTEXT_TYPES | {"payload": "JSON"}
        return f"READ_JSON({literal}, format = 'newline_delimited', columns = {columns})"
    if path.suffix != ".parquet":
        raise EventFileError(f"{path}: the name should end in .jsonl (JSON lines) or .parquet.")
    try:
        described = connection.execute(f"DESCRIBE FROM READ_PARQUET({literal})").fetchall()
    except duckdb.Error as error:
        raise EventFileError(f"{path}: not a readable Parquet file: {error}") from error
    found = {name: kind for name, kind, *_ in described}
    expected = list(SimulationEvent.model_fields)
    unknown = [name for name in found if name not in expected]
    absent = [name for name in expected if name not in found and name not in OPTIONAL_CONTEXT]
    if unknown or absent:
        raise EventFileError(
            f"{path}: the columns should be {', '.join(expected)} (payload as JSON text); "
            f"missing: {', '.join(absent) or 'none'}; unknown: {', '.join(unknown) or 'none'}."
        )
    if found.get("created_at", "TIMESTAMP WITH TIME ZONE") != "TIMESTAMP WITH TIME ZONE":
        raise EventFileError(
            f"{path}: created_at should be a timestamp with time zone, not {found['created_at']}."
        )
    selected = [
        name if name in found else f"{OPTIONAL_CONTEXT[name]} AS {name}" for name in expected
    ]
    return f"(SELECT {', '.join(selected)} FROM READ_PARQUET({literal}))"


def _batches(connection: duckdb.DuckDBPyConnection, path: Path, rows: str) -> Iterator[Batch]:
    first = 1
    if path.suffix == ".parquet":
        chunks = event_lines(connection, f"SELECT {FILE_LINE} FROM {rows}")
    else:
        chunks = _whole_lines(path)
    for chunk in chunks:
        yield first, chunk
        first += chunk.count(b"\n")


def _whole_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk + file.readline()


def _stage_sql(rows: str) -> str:
    """A temporary table of the file's events, with the typed columns that their payloads state."""
    stated = {"event_type": "VARCHAR"}
    cases = {column: "" for column in COLUMN_TYPES if column != "event_type"}
    for event_type in event_types():
        for column, field in payload_columns(event_type).items():
            stated[field] = COLUMN_TYPES[column]
            cases[column] += f" WHEN '{event_type}' THEN stated.{field}"
    otherwise = dict.fromkeys(cases, "NULL") | {"event_category": PLAIN_CATEGORY}
    typed = ",\n".join(
        f"CAST(CASE event_type{cases[column]} ELSE {otherwise[column]} END"
        f" AS {COLUMN_TYPES[column]}) AS {column}"
        for column in cases
    )
    context = ", ".join(
        f"COALESCE(CAST({name} AS {kind}), {OPTIONAL_CONTEXT.get(name, 'NULL')}) AS {name}"
        for name, kind in CONTEXT_TYPES.items()
    )
    return f"""
        CREATE OR REPLACE TEMP TABLE staged_events AS
        SELECT * EXCLUDE (stated), stated.event_type AS event_type, {typed}
        FROM (
          SELECT
            {context},
            CAST(payload AS JSON) AS event_payload,
            FROM_JSON(payload, '{json.dumps(stated)}') AS stated
          FROM {rows}
        )
    """


def _check_staged(connection: duckdb.DuckDBPyConnection) -> Failures:
    """The rules that staged rows do not keep by construction, for everybody in the file."""
    columns = ", ".join([*CONTEXT_TYPES, *COLUMN_TYPES, "event_payload"])
    staged = f"SELECT {columns}, {PLACE} FROM staged_events"
    logged = f"SELECT {columns}, 0 AS place FROM fct_yearly_events"
    same_ids = f"{logged} WHERE event_id IN (SELECT event_id FROM staged_events)"
    same_people = f"{logged} WHERE employee_id IN (SELECT employee_id FROM staged_events)"
    failures = broken_rules(
        connection,
        [*of_another_run(f"({staged})"), repeated_ids(f"({same_ids} UNION ALL {staged})")],
    )
    # A repeated event breaks more rules than its own, which would hide what is wrong.
    if failures.total == 0:
        rules = life_rules(f"({same_people} UNION ALL {staged})", "stg_census_data")
        failures = broken_rules(connection, [repeated_keys(f"({staged})"), *rules])
    return failures
