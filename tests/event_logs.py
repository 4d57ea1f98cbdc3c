"""A small published database made by hand: the dbt contracts' tables, people, and given events."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import yaml

from config.events import EventFactory, SimulationEvent
from orchestrator.event_import import import_events

MODELS = Path(__file__).parent.parent / "dbt" / "models"
SCENARIO, PLAN_DESIGN = "baseline", "standard_401k"

# What a required column holds when a test has nothing to say about it.
NOTHING = {"VARCHAR": "-", "DATE": date(2020, 1, 1), "DECIMAL": 0, "INTEGER": 0, "BOOLEAN": False}

factory = EventFactory(SCENARIO, PLAN_DESIGN)


def contract(model: str) -> dict[str, dict[str, Any]]:
    """Columns of a dbt model by name, as its contract states them."""
    (path,) = MODELS.rglob(f"{model}.yml")
    (found,) = [
        entry for entry in yaml.safe_load(path.read_text())["models"] if entry["name"] == model
    ]
    return {column["name"]: column for column in found["columns"]}


def is_required(column: dict[str, Any]) -> bool:
    """True when the contract says NOT NULL."""
    return any(rule["type"] == "not_null" for rule in column.get("constraints", []))


def create_table(connection: duckdb.DuckDBPyConnection, model: str) -> None:
    """An empty table with the columns, types and NOT NULLs of the model's contract."""
    columns = ", ".join(
        f"{name} {column['data_type']}{' NOT NULL' if is_required(column) else ''}"
        for name, column in contract(model).items()
    )
    connection.execute(f"CREATE TABLE {model} ({columns})")


def create_log(
    path: Path, people: Sequence[dict[str, Any]] = (), years: tuple[int, int] = (2025, 2029)
) -> Path:
    """A database with an empty log, a census, its employees, and the inputs that an import reads.

    Who has an `employee_termination_date` is a former employee.
    """
    with duckdb.connect(str(path)) as connection:
        create_table(connection, "fct_yearly_events")
        create_table(connection, "int_baseline_workforce")
        create_table(connection, "stg_census_data")
        for facts in people:
            insert(connection, "stg_census_data", person("stg_census_data", **facts))
            if "employee_termination_date" not in facts:
                insert(connection, "int_baseline_workforce", person(**facts))
        connection.execute("CREATE SCHEMA inputs")
        connection.execute(
            "CREATE TABLE inputs.run AS SELECT ? AS scenario_id, ? AS plan_design_id, "
            "? AS start_year, ? AS end_year",
            [SCENARIO, PLAN_DESIGN, *years],
        )
        connection.execute(
            "CREATE TABLE inputs.age_bands AS "
            "SELECT '0-39' AS band, 0 AS min_age, 40 AS max_age UNION ALL SELECT '40+', 40, 999"
        )
        connection.execute(
            "CREATE TABLE inputs.tenure_bands AS "
            "SELECT '0-1' AS band, 0 AS min_tenure, 2 AS max_tenure UNION ALL SELECT '2+', 2, 999"
        )
    return path


def insert(connection: duckdb.DuckDBPyConnection, table: str, row: dict[str, Any]) -> None:
    """One row, by column name."""
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", [*row.values()])


def person(model: str = "int_baseline_workforce", **facts: Any) -> dict[str, Any]:
    """A row of the genesis population or of the census: the given facts, and plain values where one
    is required."""
    plain = {
        "scenario_id": SCENARIO,
        "plan_design_id": PLAN_DESIGN,
        "employee_id": "E1",
        "employee_birth_date": date(1985, 3, 15),
        "employee_hire_date": date(2020, 1, 6),
        "level_id": 2,
        "current_compensation": Decimal("80000"),
        "employee_gross_compensation": Decimal("80000"),
    }
    columns = contract(model)
    required = {
        name: NOTHING[column["data_type"].split("(")[0]]
        for name, column in columns.items()
        if is_required(column)
    }
    return required | {name: fact for name, fact in plain.items() if name in columns} | facts


def write_lines(path: Path, events: Iterable[SimulationEvent | str]) -> Path:
    """Events (or lines given as text) as a file of JSON lines."""
    lines = [event if isinstance(event, str) else event.model_dump_json() for event in events]
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def append(database: Path, events: Iterable[SimulationEvent]) -> None:
    """Put events into the log of a database, the way a user does."""
    lines = write_lines(database.with_suffix(".jsonl"), events)
    with duckdb.connect(str(database)) as connection:
        import_events(connection, lines)
