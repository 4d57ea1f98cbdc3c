"""The command: help with examples, exit codes, one clear message."""

import errno
import logging
import os
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
import typer
from typer.testing import CliRunner

from orchestrator.cli import app
from orchestrator.cli.display import TerminalProgress
from orchestrator.cli.run import parse_years
from orchestrator.dbt_runner import ModelFailedError
from orchestrator.failures import explanation
from orchestrator.preflight import RunPlan
from orchestrator.prepare import RunIdentity
from orchestrator.progress import Published
from orchestrator.publishing import PublishedRun
from orchestrator.request import RunRequest

runner = CliRunner()


def _commands(group: typer.Typer, prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    own = [
        (*prefix, command.name or command.callback.__name__)
        for command in group.registered_commands
    ]
    return own + [
        path
        for sub in group.registered_groups
        for path in _commands(sub.typer_instance, (*prefix, sub.name))
    ]


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize("command", _commands(app), ids=" ".join)
def test_help_of_every_command_shows_an_example(command: tuple[str, ...]) -> None:
    shown = runner.invoke(app, [*command, "--help"])
    assert shown.exit_code == 0
    assert "Example" in shown.output


@pytest.mark.parametrize(("text", "years"), [("2025:2029", (2025, 2029)), (" 2027 ", (2027, 2027))])
def test_years_are_a_range_or_one(text: str, years: tuple[int, int]) -> None:
    assert parse_years(text) == years


@pytest.mark.parametrize("text", ["2025-2029", "25:29", "2025:", "2026:2025", "years"])
def test_unreadable_years_are_a_usage_error(text: str) -> None:
    refused = runner.invoke(app, ["run", "--years", text])
    assert refused.exit_code == 2
    assert "2025:2029" in refused.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["db"], "planwise run --scenario baseline"),
        (["digest", "--db", "nowhere.duckdb"], "nowhere.duckdb: no such file"),
        (["run", "--set", "workforce.total_terminaton_rate=0.1"], "total_termination_rate"),
        (["run", "--years", "1999:2001"], "simulation.start_year"),
        (["run", "--scenario", "baselin"], "baseline"),
        (["census", "validate", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_what_cannot_work_gives_one_message_and_exit_code_1(
    arguments: list[str], message: str
) -> None:
    refused = runner.invoke(app, arguments)
    assert refused.exit_code == 1, refused.output
    assert message in refused.output
    assert "Traceback" not in refused.output


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (KeyboardInterrupt(), 130, "interrupted; the result is published, as run made"),
        (OSError("disk I/O error\nmore"), 1, "Dagster's history could not be written: disk I/O"),
    ],
)
def test_what_fails_after_publication_does_not_deny_it(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, message: str
) -> None:
    names = {name: name for name in RunIdentity.__dataclass_fields__} | {"run_id": "made"}
    made = PublishedRun(RunIdentity(**names), (2025, 2026), 1.0, "now", Path("simulation.duckdb"))

    def launch(request: RunRequest, plan: RunPlan, progress: TerminalProgress) -> None:
        progress.tell(Published(made, 1, 1))
        raise error

    monkeypatch.setattr("orchestrator.launch.launch", launch)
    failed = runner.invoke(app, ["run"])
    assert failed.exit_code == code
    assert message in " ".join(failed.output.split())
    assert "nothing was published" not in failed.output.lower()


def test_a_negative_seed_of_a_census_is_a_usage_error(tmp_path: Path) -> None:
    output = str(tmp_path / "people.csv")
    refused = runner.invoke(app, ["census", "generate", "--seed", "-3", "--output", output])
    assert refused.exit_code == 2


def test_a_log_that_cannot_be_written_prints_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", True)
    runner.invoke(app, ["runs"])
    logging.StreamHandler(None).handle(logging.makeLogRecord({"msg": "%d", "args": ("no number",)}))
    assert capsys.readouterr().err == ""


def test_a_home_on_a_read_only_disk_is_explained() -> None:
    error = OSError(errno.EROFS, os.strerror(errno.EROFS), "logs/dbt.log")
    assert "Set PLANWISE_HOME" in (explanation(error) or "")


def test_amounts_that_outgrow_their_type_are_explained() -> None:
    """The words are DuckDB's own."""
    with pytest.raises(duckdb.OutOfRangeException) as overflow:
        duckdb.sql("SELECT 84703294729400000 * 1250000").fetchall()
    failure = ModelFailedError("int_person_year", str(overflow.value))
    assert "lower the raises" in (explanation(failure) or "")


def test_a_damaged_database_is_explained(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.duckdb"
    damaged.write_text("no database" * 1000)
    refused = runner.invoke(app, ["digest", "--db", str(damaged)])
    assert refused.exit_code == 1
    assert "The file is damaged" in refused.output


def test_a_database_with_a_wrong_checksum_is_explained(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.duckdb"
    with duckdb.connect(str(damaged)) as connection:
        connection.execute("CREATE TABLE result AS SELECT range AS row FROM range(100000)")
    # Beyond the three headers of DuckDB, of 4096 bytes each.
    content = bytearray(damaged.read_bytes())
    content[3 * 4096 :] = bytes(byte ^ 1 for byte in content[3 * 4096 :])
    damaged.write_bytes(content)
    refused = runner.invoke(app, ["digest", "--db", str(damaged)])
    assert refused.exit_code == 1
    assert "Corrupt database file" in refused.output
    assert "The file is damaged" in refused.output


def test_a_limit_of_file_size_is_not_called_a_full_disk(tmp_path: Path) -> None:
    """The words are SQLite's own, which keeps Dagster's history."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with closing(sqlite3.connect(tmp_path / "history.db")) as connection:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
        try:
            with pytest.raises(sqlite3.OperationalError) as failure:
                connection.execute("CREATE TABLE runs (run_id TEXT)")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "a limit of file size is reached" in (explanation(failure.value) or "")


def test_a_file_that_is_no_database_is_called_so(tmp_path: Path) -> None:
    census = tmp_path / "census.csv"
    census.write_text("employee_id,employee_birth_date\n1,1980-01-01\n")
    refused = runner.invoke(app, ["digest", "--db", str(census)])
    assert refused.exit_code == 1
    assert "The file is no DuckDB database" in refused.output


def test_a_reader_who_has_enough_gets_no_error(tmp_path: Path) -> None:
    """As `planwise events schema | head -1` in a shell."""
    planwise = Path(sys.executable).with_name("planwise")
    writer = subprocess.Popen(
        [planwise, "events", "schema"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PLANWISE_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"},
    )
    writer.stdout.close()
    assert writer.stderr.read() == b""


def test_a_generated_census_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    made = runner.invoke(app, ["census", "generate", "--employees", "50", "--output", str(path)])
    assert made.exit_code == 0, made.output
    checked = runner.invoke(app, ["census", "validate", str(path)])
    assert checked.exit_code == 0, checked.output
    assert "50 accepted, 0 rejected" in checked.output


def test_a_census_is_valid_for_the_scenario_that_it_is_meant_for(tmp_path: Path) -> None:
    later = tmp_path / "later.yaml"
    later.write_text("scenario_id: later\nsimulation: {start_year: 2027, end_year: 2028}\n")
    path = tmp_path / "people.csv"
    path.write_text(
        "employee_id,employee_birth_date,employee_hire_date,employee_gross_compensation\n"
        "1,1980-01-01,2026-05-01,50000\n"
    )
    assert runner.invoke(app, ["census", "validate", str(path)]).exit_code == 1
    checked = runner.invoke(app, ["census", "validate", str(path), "--scenario", str(later)])
    assert checked.exit_code == 0, checked.output


def test_bad_rows_are_listed_and_the_exit_code_is_1(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "employee_id,employee_birth_date,employee_hire_date,employee_gross_compensation\n"
        "1,1980-01-01,2010-01-01,50000\n"
        "2,1980-01-01,2010-01-01,-5\n"
    )
    refused = runner.invoke(app, ["census", "validate", str(path)])
    assert refused.exit_code == 1
    assert "employee_gross_compensation" in refused.output
    assert "-5" in refused.output
