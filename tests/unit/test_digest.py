"""A digest sees every value and no physical order."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from orchestrator.digest import digest_database

Change = Callable[[duckdb.DuckDBPyConnection], object]


def test_physical_order_and_wall_clock_do_not_matter(tmp_path: Path) -> None:
    expected = digest_database(_database(tmp_path / "a.duckdb"))
    shuffled = _database(
        tmp_path / "b.duckdb",
        lambda db: db.execute(
            "CREATE OR REPLACE TABLE fct_yearly_events AS "
            "SELECT * REPLACE (now() AS created_at) FROM fct_yearly_events ORDER BY random()"
        ),
    )
    assert digest_database(shuffled) == expected


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE fct_yearly_events SET amount = 2 WHERE amount = 2.5",
        "UPDATE fct_yearly_events SET reason = '' WHERE reason IS NULL",
        "UPDATE fct_yearly_events SET reason = NULL WHERE reason = 'x'",
        "UPDATE fct_yearly_events SET employee_id = 'C' WHERE employee_id = 'B'",
        "DELETE FROM fct_yearly_events WHERE employee_id = 'B'",
        "INSERT INTO fct_yearly_events FROM fct_yearly_events WHERE employee_id = 'B'",
    ],
)
def test_any_change_of_a_value_changes_the_digest(change: str, tmp_path: Path) -> None:
    before = digest_database(_database(tmp_path / "a.duckdb"))
    after = digest_database(_database(tmp_path / "b.duckdb", lambda db: db.execute(change)))
    assert after["years"]["2025"]["events"] != before["years"]["2025"]["events"]
    assert after["years"]["2025"]["snapshot"] == before["years"]["2025"]["snapshot"]
    assert after["years"]["2026"] == before["years"]["2026"]
    assert after["total"] != before["total"]


def test_a_renamed_column_changes_the_digest(tmp_path: Path) -> None:
    before = digest_database(_database(tmp_path / "a.duckdb"))
    renamed = _database(
        tmp_path / "b.duckdb",
        lambda db: db.execute("ALTER TABLE fct_yearly_events RENAME reason TO motive"),
    )
    assert digest_database(renamed)["total"] != before["total"]


def test_a_year_in_which_nobody_is_employed_has_a_digest(tmp_path: Path) -> None:
    def everybody_leaves(db: duckdb.DuckDBPyConnection) -> None:
        db.execute("DELETE FROM fct_workforce_snapshot WHERE simulation_year = 2026")

    digest = digest_database(_database(tmp_path / "a.duckdb", everybody_leaves))
    assert list(digest["years"]) == ["2025", "2026"]


def test_values_do_not_flow_into_their_neighbours(tmp_path: Path) -> None:
    def swap(db: duckdb.DuckDBPyConnection) -> None:
        db.execute("UPDATE fct_yearly_events SET reason = 'xy', source = 'z' WHERE reason = 'x'")

    def other(db: duckdb.DuckDBPyConnection) -> None:
        db.execute("UPDATE fct_yearly_events SET reason = 'x', source = 'yz' WHERE reason = 'x'")

    first = digest_database(_database(tmp_path / "a.duckdb", swap))
    second = digest_database(_database(tmp_path / "b.duckdb", other))
    assert first["total"] != second["total"]


def _database(path: Path, change: Change | None = None) -> Path:
    with duckdb.connect(str(path)) as db:
        db.execute("CREATE SCHEMA inputs")
        db.execute("CREATE TABLE inputs.run AS SELECT 'baseline' AS scenario_id")
        db.execute(
            """
            CREATE TABLE fct_yearly_events AS
            FROM (VALUES
              (2025, 'A', 1, 1.5, 'x', NULL, TIMESTAMPTZ '2025-01-01 00:00:00+00'),
              (2025, 'A', 2, 2.5, NULL, 'y', TIMESTAMPTZ '2025-01-01 00:00:00+00'),
              (2025, 'B', 1, 3.5, NULL, 'y', TIMESTAMPTZ '2025-01-01 00:00:00+00'),
              (2026, 'A', 1, 1.5, 'w', NULL, TIMESTAMPTZ '2025-01-01 00:00:00+00')
            ) AS log(
              simulation_year, employee_id, event_sequence, amount, reason, source, created_at
            )
            """
        )
        db.execute(
            """
            CREATE TABLE fct_workforce_snapshot AS
            FROM (VALUES (2025, 'A'), (2025, 'B'), (2026, 'A')) AS s(simulation_year, employee_id)
            """
        )
        db.execute(
            "CREATE TABLE fct_simulation_summary AS FROM RANGE(2025, 2027) AS s(simulation_year)"
        )
        if change:
            change(db)
    return path
