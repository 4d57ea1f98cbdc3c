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
    "kills", [pytest.param(3, id="few"), pytest.param(15, id="many", marks=pytest.mark.slow)]
)
def test_killed_runs_leave_the_result_and_the_next_run_succeeds(
    kills: int, home_with_result: Path, small_census: Path
) -> None:
    arguments = "run", "--years", "2025:2027", "--census", str(small_census)
    before, digest_before = published_run("baseline"), digest()
    moments = random.Random(kills)
    started = time.monotonic()
    assert planwise(home_with_result, *arguments).returncode == 0
    duration = time.monotonic() - started
    assert digest() == digest_before
    for _ in range(kills):
        # From the middle of the start-up to the last moment before the end.
        _kill_after(moments.uniform(0.3, 1.0) * duration, home_with_result, arguments)
        assert digest() == digest_before
        assert len(list_runs("baseline")) >= 1
    last = planwise(home_with_result, *arguments)
    assert last.returncode == 0, last.stderr
    assert published_run("baseline").run_id != before.run_id
    assert digest() == digest_before
    assert [entry.name for entry in (home_with_result / "work").iterdir()] == ["writer.lock"]


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
