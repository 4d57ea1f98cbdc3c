"""History: what happened to a person, and everybody's state at any day, rebuilt from the log.

The rebuild starts at the genesis population and reads nothing but events (`sql/state_as_of.sql`),
so at year ends it is an independent proof of the snapshot.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

STATE_SQL = (Path(__file__).parent / "sql" / "state_as_of.sql").read_text()

KEY = "employee_id"


class UnknownPersonError(Exception):
    """Nobody of that id is in the genesis population or the log by that day."""


class NoSnapshotError(Exception):
    """The day is not the end of a simulated year, so there is nothing to compare with."""


@dataclass(frozen=True)
class Difference:
    """One column of one person where the log and the snapshot disagree (None: not there)."""

    employee_id: str
    column: str
    replayed: str | None
    snapshot: str | None

    def __str__(self) -> str:
        return f"{self.employee_id} {self.column}: log {self.replayed}, snapshot {self.snapshot}"


@dataclass(frozen=True)
class Replay:
    """Comparison at a year end: people rebuilt, columns compared, every difference."""

    day: date
    people: int
    columns: tuple[str, ...]
    differences: list[Difference]


def workforce_state(connection: duckdb.DuckDBPyConnection, day: date) -> pa.Table:
    """One row per person who was ever employed by `day`, leavers included, at the end of it."""
    return _state(connection, day, "TRUE").to_arrow_table()


def person_state(
    connection: duckdb.DuckDBPyConnection, employee_id: str, day: date
) -> dict[str, Any]:
    """One person's row of `workforce_state`. Raises `UnknownPersonError`."""
    rows = _state(connection, day, f"{KEY} = $person", person=employee_id).to_arrow_table()
    if not rows:
        raise UnknownPersonError(
            f"{employee_id} is neither in the opening population nor hired by {day}."
        )
    return rows.to_pylist()[0]


def person_events(
    connection: duckdb.DuckDBPyConnection, employee_id: str, day: date
) -> list[dict[str, Any]]:
    """One person's events up to the end of `day`, in order."""
    return (
        connection.execute(
            """
            SELECT effective_date, event_type, event_category, event_details, compensation_amount,
                   amount, rate, source, reason, source_system, event_id
            FROM fct_yearly_events
            WHERE employee_id = $person AND effective_date <= $day
            ORDER BY effective_date, event_sequence
            """,
            {"person": employee_id, "day": day},
        )
        .to_arrow_table()
        .to_pylist()
    )


def last_day(connection: duckdb.DuckDBPyConnection) -> date:
    """31 December of the last simulated year."""
    (day,) = connection.execute(
        "SELECT MAKE_DATE(MAX(end_year), 12, 31) FROM inputs.run"
    ).fetchone()
    return day


def replay(connection: duckdb.DuckDBPyConnection, day: date) -> Replay:
    """Compare the rebuilt workforce with the snapshot of `day`'s year, column by column.

    The snapshot holds the year's leavers and nobody who left before. Columns that both sides have
    are compared. Raises `NoSnapshotError` when `day` is not the end of a simulated year.
    """
    found = connection.execute(
        "SELECT COUNT(*) FROM fct_workforce_snapshot WHERE simulation_year = $year",
        {"year": day.year},
    ).fetchone()
    if (day.month, day.day) != (12, 31) or found == (0,):
        raise NoSnapshotError(f"{day} is not the end of a simulated year.")
    state = workforce_state(connection, day)
    snapshot = connection.table("fct_workforce_snapshot").columns
    columns = tuple(name for name in state.column_names if name in snapshot and name != KEY)
    compared = ", ".join(
        f"IF(log.{name} IS DISTINCT FROM snapshot.{name}, {{'name': '{name}', "
        f"'replayed': CAST(log.{name} AS VARCHAR), 'snapshot': CAST(snapshot.{name} AS VARCHAR)}}, "
        "NULL)"
        for name in columns
    )
    rows = connection.execute(
        f"""
        WITH log AS (
          SELECT * FROM state WHERE termination_date IS NULL OR YEAR(termination_date) = $year
        ),
        snapshot AS (
          SELECT * FROM fct_workforce_snapshot WHERE simulation_year = $year
        ),
        compared AS (
          SELECT
            COALESCE(log.{KEY}, snapshot.{KEY}) AS {KEY},
            UNNEST(IF(
              log.{KEY} IS NULL OR snapshot.{KEY} IS NULL,
              [{{'name': '{KEY}', 'replayed': log.{KEY}, 'snapshot': snapshot.{KEY}}}],
              LIST_FILTER([{compared}], lambda x: x IS NOT NULL)
            )) AS difference
          FROM log
          FULL JOIN snapshot ON log.{KEY} = snapshot.{KEY}
        )
        SELECT {KEY}, difference.name, difference.replayed, difference.snapshot
        FROM compared
        ORDER BY ALL
        """,
        {"year": day.year},
    ).fetchall()
    return Replay(day, len(state), columns, [Difference(*row) for row in rows])


def _state(
    connection: duckdb.DuckDBPyConnection, day: date, people: str, **parameters: str
) -> duckdb.DuckDBPyConnection:
    return connection.execute(STATE_SQL.format(people=people), {"day": day, **parameters})
