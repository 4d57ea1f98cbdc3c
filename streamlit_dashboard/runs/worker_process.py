"""The worker as seen from outside: is it there, start it, stop it.

A lock tells whether a worker lives. It is taken before the process starts and handed over to it,
so two visitors cannot start two workers, and it vanishes with the process.
"""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, TextIO

import psutil

from orchestrator import home

MODULE = "streamlit_dashboard.runs.worker"
END_SECONDS = 10


def is_running() -> bool:
    """Whether a worker is alive in this PLANWISE_HOME."""
    with _lock_file() as lock:
        return not _taken(lock)


def ensure_running() -> None:
    """Start a worker unless there is one. It outlives this process."""
    with _lock_file() as lock:
        if not _taken(lock):
            return
        log = home.logs_directory() / "dashboard_worker.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", MODULE, str(lock.fileno())],
                cwd=home.PROJECT_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[lock.fileno()],
                start_new_session=True,
            )
        started = psutil.Process(process.pid).create_time()
        home.write_atomically(_state_file(), json.dumps({"pid": process.pid, "started": started}))


def stop() -> None:
    """End the worker at once. A result is published in one step, so none is left half."""
    if not is_running():
        return
    known = _started_last()
    try:
        process = psutil.Process(known["pid"])
        if process.create_time() != known["started"]:
            return
        process.send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        return
    # Its lock tells, not its process: that stays as a zombie while a living parent does not look.
    until = time.monotonic() + END_SECONDS
    while is_running() and _started_last() == known:
        if time.monotonic() > until:
            raise psutil.TimeoutExpired(END_SECONDS, process.pid)
        time.sleep(0.01)


def restart(lock_descriptor: int) -> None:
    """Replace the calling worker by a fresh one, which keeps the lock."""
    arguments = [sys.executable, "-m", MODULE, str(lock_descriptor)]
    os.execv(sys.executable, arguments)


def _started_last() -> dict[str, Any]:
    """`pid` and `started` of the worker that was started last."""
    return json.loads(_state_file().read_text())


def _state_file() -> Path:
    return _directory() / "worker.json"


def _lock_file() -> TextIO:
    return (_directory() / "worker.lock").open("a")


def _taken(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _directory() -> Path:
    directory = home.home() / "dashboard"
    directory.mkdir(parents=True, exist_ok=True)
    return directory
