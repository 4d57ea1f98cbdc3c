"""A run killed at any moment leaves the published result intact, and the next run succeeds."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from orchestrator.publishing import list_runs, published_run
from tests.conftest import planwise
from tests.integration.runs import digest


@pytest.mark.parametrize(
    "kills", [pytest.param(2, id="few"), pytest.param(20, id="many", marks=pytest.mark.slow)]
)
def test_killed_runs_leave_the_result_and_the_next_run_succeeds(
    kills: int, fresh_home: Path, small_census: Path
) -> None:
    arguments = "run", "--years", "2025", "--census", str(small_census)
    started = time.monotonic()
    assert planwise(fresh_home, *arguments).returncode == 0
    duration = time.monotonic() - started
    before, digest_before = published_run("baseline"), digest()
    moments = random.Random(kills)
    for _ in range(kills):
        # From the middle of the start-up to the last moment before the end.
        _kill_after(moments.uniform(0.3, 1.0) * duration, fresh_home, arguments)
        # A run killed after its publication has replaced the result by an equal one.
        assert digest() == digest_before
        assert published_run("baseline") in list_runs("baseline")
    last = planwise(fresh_home, *arguments)
    assert last.returncode == 0, last.stderr
    assert published_run("baseline").run_id != before.run_id
    assert digest() == digest_before
    assert [entry.name for entry in (fresh_home / "work").iterdir()] == ["writer.lock"]


def _kill_after(seconds: float, home: Path, arguments: tuple[str, ...]) -> None:
    process = subprocess.Popen(
        [Path(sys.executable).with_name("planwise"), *arguments],
        env={**os.environ, "PLANWISE_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(seconds)
    family = []
    if process.poll() is None:
        family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    _, orphans = psutil.wait_procs(family, timeout=5)
    assert not orphans
