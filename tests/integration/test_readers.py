"""Readers never wait: while a run writes, the last published result can be opened and read."""

import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.failures import RunFailedError
from orchestrator.publishing import published_database, published_run
from orchestrator.request import RunRequest
from orchestrator.workspace import workspace
from tests.conftest import planwise
from tests.integration.runs import run

# Another process, because DuckDB's file locks do not bind the process that holds them.
READER = """
import sys, threading, time, duckdb
from orchestrator.publishing import published_database
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
last = None
while not stop.is_set():
    with duckdb.connect(str(published_database("baseline")), read_only=True) as reader:
        [(run_id, expected, years)] = reader.sql(
            "SELECT run_id, end_year - start_year + 1, (SELECT count(DISTINCT simulation_year) "
            "FROM main.fct_workforce_snapshot) FROM inputs.run"
        ).fetchall()
    assert years == expected, years
    if run_id != last:
        print(run_id, flush=True)
        last = run_id
    time.sleep(0.01)
"""


def test_a_reader_always_sees_a_whole_result_while_a_run_publishes(
    home_with_result: Path, small_census: Path
) -> None:
    before = published_run("baseline").run_id
    reader = _start(READER)
    assert reader.stdout.readline() == f"{before}\n"
    after = run(RunRequest(years=(2025, 2025), census=small_census)).run_id
    assert reader.stdout.readline() == f"{after}\n"
    _, errors = reader.communicate()
    assert reader.returncode == 0, errors


def test_a_second_writer_is_told_who_writes(fresh_home: Path, small_census: Path) -> None:
    with (
        workspace("first", "baseline"),
        pytest.raises(RunFailedError, match="another run is writing: process"),
    ):
        run(RunRequest(years=(2025, 2025), census=small_census))


def test_a_result_opened_for_writing_elsewhere_is_named(home_with_result: Path) -> None:
    database = published_database("baseline")
    holder = _start(
        f"import duckdb; c = duckdb.connect({str(database)!r}); print(1, flush=True); input()"
    )
    assert holder.stdout.readline() == "1\n"
    refused = planwise(home_with_result, "digest")
    holder.communicate("\n")
    assert refused.returncode == 1
    assert "Another program has this database open for writing" in refused.stderr
    assert "Traceback" not in refused.stderr


def _start(script: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
