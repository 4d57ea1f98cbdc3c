"""Digests of the event log and the snapshots: equal digests mean equal rows."""

import hashlib
from pathlib import Path
from typing import Any

import duckdb

from orchestrator.event_history import simulated_years

# Wall-clock columns differ between equal runs.
WALL_CLOCK = frozenset({"created_at", "snapshot_created_at"})
TABLES = {"events": "fct_yearly_events", "snapshot": "fct_workforce_snapshot"}
PEOPLE_AT_ONCE = 10_000
ORDER_WITHIN_PERSON = {"events": "event_sequence", "snapshot": "employee_id"}


def digest_database(path: Path) -> dict[str, Any]:
    """SHA-256 of events and snapshot per year, over all columns except wall-clock ones.

    Returns `{"scenario_id", "years": {"2025": {"events", "snapshot"}, …}, "total"}`. Rows are taken
    in the order of their keys, columns in the order of their names, so neither the physical order
    nor the threads matter. DuckDB hashes rows and then people, some at a time, which bounds the
    memory. Raises `duckdb.Error` when `path` is no published database.
    """
    if not path.exists():
        raise FileNotFoundError(2, "no such file", str(path))
    with duckdb.connect(str(path), read_only=True) as connection:
        (scenario_id,) = connection.sql("SELECT scenario_id FROM inputs.run").fetchone()
        years = {
            str(year): {
                name: _digest_year(connection, table, ORDER_WITHIN_PERSON[name], year)
                for name, table in TABLES.items()
            }
            for year in simulated_years(connection)
        }
    total = hashlib.sha256()
    for year, digests in years.items():
        total.update(f"{year}|{digests['events']}|{digests['snapshot']}\n".encode())
    return {"scenario_id": scenario_id, "years": years, "total": total.hexdigest()}


def _digest_year(connection: duckdb.DuckDBPyConnection, table: str, order: str, year: int) -> str:
    names = [
        name
        for (name,) in connection.execute(
            """
            SELECT column_name FROM duckdb_columns()
            WHERE schema_name = 'main' AND table_name = ?
            ORDER BY column_name
            """,
            [table],
        ).fetchall()
        if name not in WALL_CLOCK
    ]
    # Unit separator between values and a record separator for NULL, neither of which is in text.
    row = ", ".join(f'coalesce("{name}"::VARCHAR, chr(30))' for name in names)
    digest = hashlib.sha256("|".join(names).encode())
    for first, last in _people_in_chunks(connection, table, year):
        people = connection.execute(
            f"""
            SELECT sha256(string_agg(md5(concat_ws(chr(31), {row})), '' ORDER BY {order}))
            FROM main.{table}
            WHERE simulation_year = ? AND employee_id BETWEEN ? AND ?
            GROUP BY employee_id
            ORDER BY employee_id
            """,
            [year, first, last],
        ).fetchall()
        digest.update("".join(value for (value,) in people).encode())
    return digest.hexdigest()


def _people_in_chunks(
    connection: duckdb.DuckDBPyConnection, table: str, year: int
) -> list[tuple[str, str]]:
    """First and last `employee_id` of consecutive groups of people."""
    return connection.execute(
        f"""
        SELECT min(employee_id), max(employee_id)
        FROM (
          SELECT employee_id, (row_number() OVER (ORDER BY employee_id) - 1) // ? AS chunk
          FROM (SELECT DISTINCT employee_id FROM main.{table} WHERE simulation_year = ?)
        )
        GROUP BY chunk
        ORDER BY chunk
        """,
        [PEOPLE_AT_ONCE, year],
    ).fetchall()
