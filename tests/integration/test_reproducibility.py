"""Equal inputs give equal rows, whatever the route and the order of the years."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestrator import home
from orchestrator.dbt_runner import ModelFailedError
from orchestrator.digest import digest_database
from orchestrator.request import RunRequest
from tests.integration.runs import digest, run
from tests.simulation_lab import CompiledProject


@pytest.fixture(scope="module")
def expected(small_run_db: Path) -> dict[str, object]:
    return digest_database(small_run_db)


def test_years_one_by_one_and_rerun_equal_the_range(
    expected: dict[str, object], fresh_home: Path, small_census: Path
) -> None:
    for year in (2025, 2026, 2027):
        run(RunRequest(years=(year, year), census=small_census))
    assert digest() == expected
    run(RunRequest(years=(2026, 2027), census=small_census))
    assert digest() == expected


@pytest.mark.parametrize("threads", [pytest.param(1, marks=pytest.mark.slow), 4])
def test_threads_do_not_matter(
    threads: int, expected: dict[str, object], fresh_home: Path, small_census: Path
) -> None:
    run(RunRequest(years=(2025, 2026), census=small_census, threads=threads))
    assert digest()["years"] == _first_two_years(expected)


def test_dbt_by_hand_gives_the_same_rows(
    expected: dict[str, object], small_run_db: Path, small_census: Path, tmp_path: Path
) -> None:
    """In every table, also where a run built it beside the next year or did not build its view."""
    by_hand = tmp_path / "by_hand.duckdb"
    first = _dbt_run(by_hand, 2025, small_census)
    assert first.returncode == 0, first.stdout
    continued = tmp_path / "copy.duckdb"
    shutil.copyfile(small_run_db, continued)
    again = _dbt_run(continued, 2027, small_census)
    assert again.returncode == 0, again.stdout
    assert digest_database(by_hand)["years"] == {"2025": expected["years"]["2025"]}
    assert digest_database(continued) == expected
    assert _yearly_tables(by_hand, 2025) == _yearly_tables(small_run_db, 2025)
    assert _yearly_tables(continued, 2027) == _yearly_tables(small_run_db, 2027)


@pytest.mark.parametrize(
    ("year", "refusal"),
    [
        (2027, "year 2027 cannot run: 2026 has not been simulated in this database"),
        (2028, "simulation_year 2028 is outside the simulation (2025 to 2027)"),
    ],
)
def test_dbt_refuses_a_year_that_cannot_run_and_leaves_the_tables(
    year: int,
    refusal: str,
    small_run_db: Path,
    compiled_project: CompiledProject,
    lives_home: Path,
    tmp_path: Path,
) -> None:
    database = tmp_path / "copy.duckdb"
    shutil.copyfile(small_run_db, database)
    with duckdb.connect(str(database)) as connection:
        connection.execute("DELETE FROM main.fct_simulation_summary WHERE simulation_year = 2026")
    before = _every_table(database)
    with pytest.raises(ModelFailedError) as refused:
        compiled_project.parsed().run_models(
            database, year, ["int_year_cohort", "fct_yearly_events"]
        )
    assert refusal in " ".join(str(refused.value).split())
    assert _every_table(database) == before


def _first_two_years(digests: dict[str, object]) -> dict[str, object]:
    return {year: digests["years"][year] for year in ("2025", "2026")}


def _yearly_tables(database: Path, year: int) -> dict[str, list[tuple[object, ...]]]:
    """Rows of a year in each table that keeps its years, without the run and its times."""
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.sql("""
            SELECT
              table_name,
              string_agg(column_name, ', ') FILTER (
                column_name NOT IN ('run_id', 'created_at', 'snapshot_created_at')
              )
            FROM duckdb_columns()
            SEMI JOIN duckdb_tables() USING (schema_name, table_name)
            WHERE schema_name = 'main' AND table_name <> 'mon_pipeline_performance'
            GROUP BY table_name
            HAVING bool_or(column_name = 'simulation_year') AND table_name NOT LIKE 'int_%'
        """).fetchall()
        return {
            table: connection.sql(
                f"SELECT {columns} FROM main.{table} WHERE simulation_year = {year} ORDER BY ALL"
            ).fetchall()
            for table, columns in tables
        }


def _every_table(database: Path) -> dict[str, list[tuple[object, ...]]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.sql(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'"
        ).fetchall()
        return {
            table: connection.sql(f"SELECT * FROM main.{table} ORDER BY ALL").fetchall()
            for (table,) in tables
        }


def _dbt_run(database: Path, year: int, census: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(Path(sys.executable).with_name("dbt"), "run", "--exclude", "tag:debug"),
            *("--vars", f"{{simulation_year: {year}}}"),
            *("--target-path", str(database.with_suffix(".target"))),
            *("--log-path", str(database.with_suffix(".logs"))),
        ],
        cwd=home.DBT_PROJECT,
        env={**os.environ, "PLANWISE_DB": str(database), "PLANWISE_CENSUS": str(census)},
        capture_output=True,
        text=True,
        check=False,
    )
