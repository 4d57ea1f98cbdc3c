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

from orchestrator.dbt_macros import render
from orchestrator.event_log_rules import LEFT_BEFORE

STATE_SQL = (Path(__file__).parent / "sql" / "state_as_of.sql").read_text()
# The fold is told apart from the engine's, to prove it; what a fact of the log means is not.
RULES = {
    "roth_share": render(
        "elected_roth_share('elections.roth_share', 'genesis.census_roth_share')", "elections"
    ),
    "annual_additions": render(
        "corrected_additions('money.annual_additions', 'elections.additions_limit')",
        "contributions",
    ),
}

KEY = "employee_id"


class UnknownPersonError(Exception):
    """Nobody of that id is in the genesis population or the log by that day."""


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
    """Comparison at a year end: people ever employed, columns compared, every difference."""

    year: int
    people: int
    columns: tuple[str, ...]
    differences: list[Difference]


def workforce_state(connection: duckdb.DuckDBPyConnection, day: date) -> pa.Table:
    """One row per person who was ever employed by `day`, leavers included, at the end of it."""
    return _state(connection, day, "TRUE").to_arrow_table()


def person_state(
    connection: duckdb.DuckDBPyConnection, employee_id: str, day: date
) -> dict[str, Any]:
    """One person's row of `workforce_state`, or when a former employee left. Raises
    `UnknownPersonError`."""
    rows = _state(connection, day, f"{KEY} = $person", person=employee_id).to_arrow_table()
    if not rows:
        rows = connection.execute(
            f"""
            SELECT employee_id, employee_birth_date, employee_hire_date,
                   'terminated' AS employment_status,
                   employee_termination_date AS termination_date
            FROM stg_census_data
            WHERE employee_id = $person
              AND {LEFT_BEFORE}
            """,
            {"person": employee_id},
        ).to_arrow_table()
    if not rows:
        raise UnknownPersonError(f"{employee_id} is neither in the census nor hired by {day}.")
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


def simulated_years(connection: duckdb.DuckDBPyConnection) -> list[int]:
    """The years of a result in order, also those in which nobody is employed."""
    rows = connection.execute(
        "SELECT simulation_year FROM fct_simulation_summary ORDER BY simulation_year"
    ).fetchall()
    return [year for (year,) in rows]


def workforce_summary(connection: duckdb.DuckDBPyConnection, day: date) -> dict[str, Any]:
    """Headcount, annual payroll, participants and the year's contributions at the end of `day`."""
    state = workforce_state(connection, day)  # noqa: F841 - the query reads it by name
    return (
        connection.execute(
            """
            SELECT
              COUNT(*) FILTER (employment_status = 'active') AS active_people,
              COUNT(*) FILTER (YEAR(termination_date) = $year) AS people_who_left_this_year,
              SUM(current_compensation) FILTER (employment_status = 'active') AS annual_payroll,
              COUNT(*) FILTER (is_participating AND employment_status = 'active') AS participants,
              SUM(employee_pre_tax + employee_roth + employee_catch_up)
                AS employee_contributions_this_year,
              SUM(employer_match + employer_nonelective + employer_profit_sharing)
                AS employer_contributions_this_year
            FROM state
            """,
            {"year": day.year},
        )
        .to_arrow_table()
        .to_pylist()[0]
    )


def replay_year(connection: duckdb.DuckDBPyConnection, year: int) -> Replay:
    """Compare the workforce rebuilt at the end of `year` with its snapshot, column by column.

    The snapshot holds the year's leavers and nobody who left before. Columns that both sides have
    are compared.
    """
    state = workforce_state(connection, date(year, 12, 31))
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
        {"year": year},
    ).fetchall()
    return Replay(year, len(state), columns, [Difference(*row) for row in rows])


def _state(
    connection: duckdb.DuckDBPyConnection, day: date, people: str, **parameters: str
) -> duckdb.DuckDBPyConnection:
    return connection.execute(STATE_SQL.format(people=people, **RULES), {"day": day, **parameters})
