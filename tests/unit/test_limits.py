"""Limits: the statutory algorithm against the published table, and the command that prints them."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from config.loading import SettingsError, load_simulation
from config.tables import write_inputs
from orchestrator.cli import app
from orchestrator.database import DATABASE_NAME
from orchestrator.dbt_runner import DbtProject
from orchestrator.limits import LIMITS, limits_of

# Six limits in each of 2014 to 2026, catch-up at 60 to 63 from 2025, Roth wages from 2026.
PUBLISHED_VALUES = 6 * 13 + 2 + 1


def _database(directory: Path, first_year: int, last_year: int) -> Path:
    path = directory / DATABASE_NAME
    with duckdb.connect(str(path)) as connection:
        write_inputs(connection, load_simulation(years=(first_year, last_year)))
        connection.execute("CREATE TABLE inputs.run AS SELECT 'limits' AS run_id")
    return path


def test_the_algorithm_reproduces_every_published_limit(fresh_home: Path, tmp_path: Path) -> None:
    database = _database(tmp_path, 2026, 2026)
    DbtProject.parse().run_models(database, 2026, ["limit_indexing"])
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "SELECT simulation_year, limit_name, indexed_limit, published_limit FROM limit_indexing"
        ).fetchall()
    assert [row for row in rows if row[2] != row[3]] == []
    assert len(rows) == PUBLISHED_VALUES


def test_a_year_before_the_published_ones_is_refused_by_name(
    fresh_home: Path, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=r"simulation.start_year = 2014: must be at least 2015"):
        _database(tmp_path, 2014, 2014)


def test_limits_of_a_published_year_are_those_of_the_table(fresh_home: Path) -> None:
    found = limits_of(2026, "baseline")
    amounts = dict(zip(LIMITS, (limit.amount for limit in found.limits), strict=True))
    assert not found.is_projected
    assert amounts["super_catch_up_limit"] == Decimal(11_250)
    assert amounts["roth_catch_up_wage_threshold"] == Decimal(150_000)
    assert amounts["social_security_wage_base"] == Decimal(184_500)


def test_the_command_prints_amounts_status_and_sections(fresh_home: Path) -> None:
    shown = CliRunner().invoke(app, ["limits", "2030"])
    assert shown.exit_code == 0, shown.output
    assert shown.output.count("projected") == len(LIMITS)
    for _, section in LIMITS.values():
        assert section in shown.output


def test_the_command_needs_no_home_that_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path / "file" / "home"))
    shown = CliRunner().invoke(app, ["limits", "2026"])
    assert shown.exit_code == 0, shown.output
    assert "24,500" in shown.output


def test_the_command_says_what_a_year_before_its_time_lacked(fresh_home: Path) -> None:
    shown = CliRunner().invoke(app, ["limits", "2014"])
    assert shown.exit_code == 0, shown.output
    assert shown.output.count("not yet in force") == 2
    assert "17,500" in shown.output


@pytest.mark.parametrize("year", ["2013", "2064"])
def test_a_year_that_cannot_be_covered_is_a_usage_error(year: str) -> None:
    refused = CliRunner().invoke(app, ["limits", year])
    assert refused.exit_code == 2
    assert f"{year} is not covered" in refused.output
