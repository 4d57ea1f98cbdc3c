"""Years built at once give what years one after the other give, and leave nothing running."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pytest

from orchestrator import year_builder
from orchestrator.compiled_models import CompiledModel, build
from orchestrator.database import DATABASE_NAME, open_database
from orchestrator.dbt_runner import ModelFailedError
from orchestrator.progress import Silence
from orchestrator.year_builder import YearBuilder

ENDLESS = "SELECT COUNT(*)::INTEGER AS simulation_year FROM range(1000000000000000)"
CHECKS = (
    "check_name VARCHAR, simulation_year INTEGER, severity VARCHAR, checked_rows BIGINT, "
    "failing_rows BIGINT, measured DOUBLE, expected DOUBLE, detail VARCHAR"
)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_database(tmp_path / DATABASE_NAME) as connection:
        connection.execute("CREATE SCHEMA inputs; CREATE TABLE inputs.run AS SELECT 1 AS run_id")
        connection.execute(f"CREATE TABLE mon_data_quality ({CHECKS})")
        yield connection


def model(
    name: str, select: str, ancestors: Sequence[str] = (), kept: bool = False
) -> CompiledModel:
    return CompiledModel(
        name,
        "marts",
        "yearly" if kept else "scratch",
        is_genesis=False,
        ancestors=ancestors,
        declaration="(simulation_year INTEGER)",
        select=select,
    )


def year_of(year: int, report: str) -> list[CompiledModel]:
    """A table of the year alone, the state that follows from it, and a report that reads both."""
    return [
        model("report", report, ["scratch_table", "state"], kept=True),
        model("state", "SELECT simulation_year FROM scratch_table", ["scratch_table"], kept=True),
        model("scratch_table", f"SELECT {year} AS simulation_year"),
    ]


def builder_of(connection: duckdb.DuckDBPyConnection) -> YearBuilder:
    return YearBuilder(connection, 2, ["state"], Silence())


def test_a_report_sees_its_year_while_the_next_one_replaces_tables(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    report = "SELECT s.simulation_year FROM scratch_table AS s JOIN state USING (simulation_year)"
    slow = f"{report} WHERE (SELECT SUM(SQRT(range)) FROM range(30000000)) > 0"
    with builder_of(connection) as builder:
        first = builder.build(2025, year_of(2025, slow), is_last=False)
        last = builder.build(2026, year_of(2026, report), is_last=True)
        built = {year.year: year.models for year in (first.result(), last.result())}
    assert connection.sql("SELECT * FROM report ORDER BY ALL").fetchall() == [(2025,), (2026,)]
    for models in built.values():
        assert {(run.model_name, run.rows) for run in models} == {
            ("scratch_table", 1),
            ("state", 1),
            ("report", 1),
        }


def build_reports_late(
    connection: duckdb.DuckDBPyConnection, model: CompiledModel, year: int
) -> None:
    if model.name == "report":
        time.sleep(0.3)
    build(connection, model, year)


def test_an_error_ends_what_is_under_way_and_frees_the_file(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first year's report would never end, and begins after the error."""
    monkeypatch.setattr(year_builder, "build", build_reports_late)
    broken = [model("state", "SELECT 'no year' AS simulation_year", kept=True)]
    with pytest.raises(ModelFailedError, match="state"), builder_of(connection) as builder:
        reports = builder.build(2025, year_of(2025, ENDLESS), is_last=False)
        builder.build(2026, broken, is_last=True)
    assert reports.done()
    connection.close()
    with duckdb.connect(str(tmp_path / DATABASE_NAME), read_only=True) as reader:
        assert reader.sql("SELECT * FROM state").fetchall() == [(2025,)]
