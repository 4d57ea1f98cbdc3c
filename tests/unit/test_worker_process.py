"""The worker can be stopped by whoever shares its PLANWISE_HOME."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from streamlit_dashboard.runs import worker_process

STARTER = """
import sys
from streamlit_dashboard.runs import worker_process
worker_process.ensure_running()
print("started", flush=True)
sys.stdin.read()
"""


def test_a_worker_is_stopped_while_the_server_that_started_it_lives_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path))
    server = subprocess.Popen(
        [sys.executable, "-c", STARTER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        assert server.stdout is not None and server.stdout.readline() == "started\n"
        assert worker_process.is_running()
        worker_process.stop()
        assert not worker_process.is_running()
        assert server.poll() is None
        server.communicate()
    worker_process.stop()


def test_a_process_that_only_has_the_number_of_an_old_worker_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next worker has its lock before it is written down."""
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path))
    directory = tmp_path / "dashboard"
    directory.mkdir()
    (directory / "worker.json").write_text(json.dumps({"pid": os.getpid(), "started": 0.0}))
    with (directory / "worker.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert worker_process.is_running()
        worker_process.stop()
        assert worker_process.is_running()
