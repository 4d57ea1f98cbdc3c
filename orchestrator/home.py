"""Where a run writes: the layout of `PLANWISE_HOME` and the key that tokenizes SSNs."""

import contextlib
import functools
import os
import secrets
import sys
import tempfile
import threading
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT_ROOT / "dbt"

# One event database instead of one per run and an index: half the commits of a run. Dagster wants
# its directory as an absolute path.
_DAGSTER_YAML = """\
# Written by planwise at each start, from orchestrator/home.py.
telemetry:
  enabled: false
concurrency:
  pools:
    default_limit: 1
    granularity: run
run_monitoring:
  enabled: true
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
run_storage:
  module: dagster._core.storage.runs
  class: SqliteRunStorage
  config: {{base_dir: "{directory}/history"}}
event_log_storage:
  module: orchestrator.event_log
  class: LocalEventLogStorage
  config: {{base_dir: "{directory}/history"}}
schedule_storage:
  module: dagster._core.storage.schedules
  class: SqliteScheduleStorage
  config: {{base_dir: "{directory}/schedules"}}
"""


class HomeError(Exception):
    """The home directory or the SSN key cannot be used; the message says what to do."""


def home() -> Path:
    """`PLANWISE_HOME`, or `var/` in the project. Read at each call, so tests may move it."""
    configured = os.environ.get("PLANWISE_HOME")
    path = Path(configured).expanduser().resolve() if configured else PROJECT_ROOT / "var"
    # DuckDB and Dagster take every path for UTF-8, and would read and write another directory.
    if sys.getfilesystemencoding() != "utf-8" and not str(path).isascii():
        raise HomeError(
            f"PLANWISE_HOME is {path}, which has letters beyond ASCII, and the locale is not "
            "UTF-8. Set LC_ALL=C.UTF-8, or PLANWISE_HOME to a directory in plain letters."
        )
    return path


def work_directory() -> Path:
    return _directory("work")


def published_directory() -> Path:
    return _directory("published")


def census_directory() -> Path:
    return _directory("census")


def logs_directory() -> Path:
    return _directory("logs")


def dbt_directories() -> tuple[Path, Path]:
    """Where dbt keeps its cache, and where its log.

    What only reads results needs both too, so in a home that cannot be written they are temporary.
    """
    directories = home() / "dbt" / "target", home() / "logs"
    try:
        for directory in directories:
            _create(directory)
            # On a full disk an empty file can be made all the same.
            with tempfile.TemporaryFile(dir=directory) as probe:
                probe.write(bytes(64 * 1024))
    except (HomeError, OSError):
        temporary = Path(_temporary_directory().name)
        return temporary / "target", temporary / "logs"
    return directories


@functools.cache
def _temporary_directory() -> tempfile.TemporaryDirectory[str]:
    """One for this process, and removed with it."""
    return tempfile.TemporaryDirectory(prefix="planwise-dbt-")


def dagster_home() -> Path:
    """Dagster's home, with the configuration of its instance."""
    directory = _directory("dagster")
    configuration = directory / "dagster.yaml"
    text = _DAGSTER_YAML.format(directory=directory)
    if not configuration.exists() or configuration.read_text() != text:
        write_atomically(configuration, text)
    return directory


def ssn_key() -> bytes:
    """The secret that turns SSNs into tokens.

    Taken from `PLANWISE_SSN_KEY`, otherwise from `PLANWISE_HOME/keys/ssn.key`, which is created
    once, readable by its owner only. Equal keys give equal tokens.
    """
    from_environment = os.environ.get("PLANWISE_SSN_KEY")
    if from_environment:
        return from_environment.encode()
    directory = home() / "keys"
    path = directory / "ssn.key"
    _create(directory, mode=0o700)
    if not path.exists():
        temporary = directory / f".ssn.key.{os.getpid()}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        # Of two processes that start together, the first to link decides the key for both.
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
        temporary.unlink()
    try:
        key = path.read_text().strip()
    except UnicodeDecodeError:
        key = ""
    if not key:
        raise HomeError(
            f"{path} is empty or no text. Delete it to have a new key made (tokens of earlier "
            "runs will no longer match), or set PLANWISE_SSN_KEY."
        )
    return key.encode()


def write_atomically(path: Path, text: str, *, durable: bool = True) -> None:
    """Replace `path` so that a reader sees the old text or the new one, also after a crash.

    Any number of processes and threads may do so at once; the last one stays. What is not `durable`
    does not wait for the disk, so a power cut may lose it.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    with temporary.open("w") as file:
        file.write(text)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    temporary.replace(path)
    if durable:
        sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make renames inside `path` survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _directory(name: str) -> Path:
    return _create(home() / name)


def _create(path: Path, mode: int = 0o777) -> Path:
    try:
        path.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise HomeError(
            f"cannot create {path}: {error.strerror}. Set PLANWISE_HOME to a directory that can "
            "be written."
        ) from error
    return path


if __name__ == "__main__":
    print(dagster_home())
