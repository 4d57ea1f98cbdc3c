"""The one writer: its lock, and the directory in which it builds a result."""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from orchestrator import home


class BusyError(Exception):
    """Another run is writing in this PLANWISE_HOME."""


@contextlib.contextmanager
def workspace(run_id: str, scenario_id: str) -> Iterator[Path]:
    """Hold the writer's lock and an empty directory for `run_id`.

    The lock belongs to the process and vanishes with it, so a killed run blocks nobody. Whoever
    holds the lock is the only writer, so everything else found in the work directory was left
    behind by dead or failed runs and is removed.
    """
    directory = home.work_directory()
    with (directory / "writer.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(_busy_message(lock.name)) from None
        lock.truncate(0)
        lock.write(json.dumps({"pid": os.getpid(), "run": run_id, "scenario": scenario_id}))
        lock.flush()
        for stale in directory.iterdir():
            if stale.is_dir():
                shutil.rmtree(stale)
        own = directory / run_id
        own.mkdir()
        yield own


def _busy_message(lock: str) -> str:
    text = Path(lock).read_text()
    holder = json.loads(text) if text else {}
    return (
        f"another run is writing: process {holder.get('pid', 'unknown')}, scenario "
        f"{holder.get('scenario', 'unknown')}, run {holder.get('run', 'unknown')}. Wait until it "
        "ends, or stop that process; readers keep the last published result meanwhile."
    )
