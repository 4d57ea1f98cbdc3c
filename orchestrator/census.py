"""Loads a census into the work file: read, check every row, tokenize, reconcile, compare.

The contract of the columns is `config.census`; this module decides when each step runs and what
stops the load.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from config.census import CENSUS_COLUMNS, COLUMN_NAMES
from orchestrator.census_checks import check_rows, collect_rejects
from orchestrator.census_drift import measure_drift
from orchestrator.census_report import REJECTS_ADVICE, CensusError, CensusReport, Drift
from orchestrator.census_source import SSN_COLUMN, StagedCensus, stage_census

__all__ = ["CensusError", "CensusReport", "load_census"]


def load_census(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    as_of: date,
    ssn_key: bytes,
    levels: Sequence[int] | None,
    allow_rejects: bool,
    previous: Path | None = None,
) -> CensusReport:
    """Read the census at `path` (CSV or Parquet) into schema `inputs` of the work file.

    Writes `inputs.census` (sound rows, typed, in order of employee_id, the social security number
    as token), `inputs.census_rejects`, `inputs.census_load` and `inputs.census_drift`, replacing
    what is there. `as_of` is the census date, 31 December before the first simulated year.
    `levels` are the configured level ids; None leaves level ids unchecked. `previous` is an earlier
    census to compare with, as of one year before.

    Former employees (termination date up to `as_of`) are sound rows; the simulation decides that
    they are not part of the opening workforce.

    Raises CensusError, with the whole report as message, when the file cannot be read, when a row
    is bad and `allow_rejects` is false, or when no row is left. Then `inputs.census` is not
    written, but `inputs.census_rejects` is. Every row of the source must be accepted or listed as
    rejected: any other difference is an error, also with `allow_rejects`.
    """
    census = _read(connection, path, as_of, ssn_key, levels, "current")
    connection.execute("CREATE SCHEMA IF NOT EXISTS inputs")
    connection.execute("DROP TABLE IF EXISTS inputs.census")
    _write_rejects(connection, census)
    notes = list(census.staged.notes) + _notes(connection, census)
    drift: tuple[Drift, ...] = ()
    if previous is not None:
        before = _one_year_before(as_of)
        earlier = _read(connection, previous, before, ssn_key, None, "previous")
        drift = measure_drift(connection, (census.checked, as_of), (earlier.checked, before))
        if earlier.rejected_rows:
            notes.append(f"previous census {previous}: {earlier.rejected_rows:,} bad rows left out")
    _write_drift(connection, drift)
    usable = census.accepted_rows > 0 and (allow_rejects or not census.rejected_rows)
    census_hash = None
    if usable:
        connection.execute(f"""
            CREATE TABLE inputs.census AS
            SELECT {", ".join(COLUMN_NAMES)} FROM {census.checked} WHERE sound ORDER BY employee_id
        """)
        census_hash = _census_hash(connection)
    _write_load(connection, census, census_hash)
    report = _report(connection, census, census_hash, notes, drift)
    _drop_staging(connection)
    if not usable:
        advice = REJECTS_ADVICE if census.accepted_rows else "No row is usable."
        raise CensusError(f"{report.render()}\n{advice}", report)
    return report


@dataclass(frozen=True)
class _CheckedCensus:
    path: Path
    as_of: date
    staged: StagedCensus
    checked: str
    rejects: str
    source_rows: int
    accepted_rows: int
    rejected_rows: int


def _read(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    as_of: date,
    ssn_key: bytes,
    levels: Sequence[int] | None,
    name: str,
) -> _CheckedCensus:
    staging, checked, rejects = (f"census_{name}_{part}" for part in ("text", "checked", "rejects"))
    staged = stage_census(connection, staging, path, ssn_key)
    check_rows(connection, staging, staged, as_of, levels, checked)
    collect_rejects(connection, checked, staged, as_of, levels, rejects)
    source_rows = staged.rows + len(staged.ragged)
    accepted = _count(connection, f"SELECT COUNT(*) FROM {checked} WHERE sound")
    rejected = _count(connection, f"SELECT COUNT(DISTINCT row_number) FROM {rejects}")
    if accepted + rejected != source_rows:
        raise CensusError(
            f"{path}: {source_rows:,} rows were read, but {accepted:,} accepted and {rejected:,}"
            " rejected do not add up to them. The load stops: no row may vanish."
        )
    return _CheckedCensus(path, as_of, staged, checked, rejects, source_rows, accepted, rejected)


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return connection.execute(query).fetchall()[0][0]


def _notes(connection: duckdb.DuckDBPyConnection, census: _CheckedCensus) -> list[str]:
    finer = " OR ".join(
        f"{column.name} <> ROUND({column.name}, 2)"
        for column in CENSUS_COLUMNS
        if column.kind == "money"
    )
    former, future, owned, rounded = connection.execute(f"""
        SELECT
          COUNT(*) FILTER (WHERE employee_termination_date <= DATE '{census.as_of}'),
          COUNT(*) FILTER (WHERE employee_termination_date > DATE '{census.as_of}'),
          COALESCE(SUM(ownership_pct), 0),
          COUNT(*) FILTER (WHERE {finer})
        FROM {census.checked} WHERE sound
    """).fetchall()[0]
    notes = []
    if former:
        notes.append(f"{former:,} former employees (termination date up to {census.as_of})")
    if future:
        notes.append(
            f"{future:,} termination dates lie after {census.as_of}: these people leave on their"
            " day, and count among the exits of its year"
        )
    if owned > 1:
        notes.append(
            f"ownership_pct adds up to {owned:.1%}; above 100% is right only when shares"
            " are attributed between family members"
        )
    if rounded:
        notes.append(f"rows with fractions of a cent, which are rounded: {rounded:,}")
    return notes


def _census_hash(connection: duckdb.DuckDBPyConnection) -> str:
    """SHA-256 over the accepted rows in order of employee_id, as typed values: the order of the
    rows, the file format and the spelling of a number do not matter. Of the social security number
    only its presence counts, so that the hash is the same in a home with another key."""
    cells = ", ".join(
        f"({name} IS NOT NULL)::VARCHAR" if name == SSN_COLUMN else f"{name}::VARCHAR"
        for name in COLUMN_NAMES
    )
    return connection.execute(f"""
        SELECT sha256(string_agg(sha256(to_json([{cells}])::VARCHAR), '' ORDER BY employee_id))
        FROM inputs.census
    """).fetchall()[0][0]


def _write_rejects(connection: duckdb.DuckDBPyConnection, census: _CheckedCensus) -> None:
    connection.execute(f"""
        CREATE OR REPLACE TABLE inputs.census_rejects AS
        SELECT row_number, column_name, value, reason FROM {census.rejects}
    """)


def _write_drift(connection: duckdb.DuckDBPyConnection, drift: Sequence[Drift]) -> None:
    connection.execute("""
        CREATE OR REPLACE TABLE inputs.census_drift (
          measure VARCHAR, previous_rows BIGINT, current_rows BIGINT, statistic DOUBLE,
          p_value DOUBLE, threshold DOUBLE, drifted BOOLEAN
        )
    """)
    for row in drift:
        connection.execute("INSERT INTO inputs.census_drift VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def _write_load(
    connection: duckdb.DuckDBPyConnection, census: _CheckedCensus, census_hash: str | None
) -> None:
    connection.execute("""
        CREATE OR REPLACE TABLE inputs.census_load (
          source_path VARCHAR, source_rows BIGINT, accepted_rows BIGINT, rejected_rows BIGINT,
          census_hash VARCHAR
        )
    """)
    connection.execute(
        "INSERT INTO inputs.census_load VALUES (?, ?, ?, ?, ?)",
        [
            str(census.path),
            census.source_rows,
            census.accepted_rows,
            census.rejected_rows,
            census_hash,
        ],
    )


def _report(
    connection: duckdb.DuckDBPyConnection,
    census: _CheckedCensus,
    census_hash: str | None,
    notes: Sequence[str],
    drift: tuple[Drift, ...],
) -> CensusReport:
    reasons = connection.execute(f"""
        SELECT column_name, rule, COUNT(*) AS cells
        FROM {census.rejects} GROUP BY ALL ORDER BY cells DESC, column_name, rule
    """).fetchall()
    return CensusReport(
        source_path=census.path,
        as_of=census.as_of,
        row_label=census.staged.row_label,
        source_rows=census.source_rows,
        accepted_rows=census.accepted_rows,
        rejected_rows=census.rejected_rows,
        census_hash=census_hash,
        columns=census.staged.columns,
        warnings=tuple(notes),
        reasons=tuple(reasons),
        rejects=connection.execute("FROM inputs.census_rejects").to_arrow_table(),
        drift=drift,
    )


def _drop_staging(connection: duckdb.DuckDBPyConnection) -> None:
    for name in ("current", "previous"):
        for part in ("text", "checked", "rejects"):
            connection.execute(f"DROP TABLE IF EXISTS temp.census_{name}_{part}")
    for name in ("census_reasons", "census_ragged"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")


def _one_year_before(day: date) -> date:
    if day.year == date.min.year:
        raise CensusError(f"There is no year before {day} that a previous census could be of.")
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
