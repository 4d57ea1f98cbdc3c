"""Failures that explain themselves to a person; everything else is a defect."""

from config.loading import SettingsError
from orchestrator.census_report import CensusError
from orchestrator.dbt_runner import DbtError
from orchestrator.home import HomeError
from orchestrator.preflight import PreflightError
from orchestrator.publishing import DamagedResultError, NotPublishedError, OtherVersionError
from orchestrator.quality import QualityError
from orchestrator.simulation import DataTestError, UndeclaredCheckError
from orchestrator.workspace import BusyError


class RunFailedError(Exception):
    """A Dagster run failed; the message is that of the failing step."""


class RunDefectError(Exception):
    """A Dagster run failed of a defect; the message is its own, and its trace is a note."""


EXPLAINED = (
    SettingsError,
    CensusError,
    HomeError,
    PreflightError,
    BusyError,
    DbtError,
    QualityError,
    DataTestError,
    UndeclaredCheckError,
    NotPublishedError,
    OtherVersionError,
    DamagedResultError,
)

_DISK_FULL = (
    "The disk is full. Nothing was published; free some space under PLANWISE_HOME and run again."
)

_DAMAGED = (
    "The file is damaged. Make the result again with planwise run; planwise runs lists the older "
    "ones that are kept."
)

# What DuckDB, SQLite and the operating system say, and what a person can do about it.
_ADVICE = {
    "Could not set lock on file": (
        "Another program has this database open for writing; close it there and try again."
    ),
    "not a valid DuckDB database file": _DAMAGED,
    # DuckDB takes the name of a table file, such as a CSV, for a database in memory.
    "Cannot launch in-memory database in read-only mode": "The file is no DuckDB database.",
    "Corrupt database file": _DAMAGED,
    "Could not read enough bytes from file": _DAMAGED,
    "Is a directory": "Give the path of a file.",
    "No space left on device": _DISK_FULL,
    "database or disk is full": _DISK_FULL,
    "disk I/O error": (
        "A file could not be written: the disk is full, or a limit of file size is reached. "
        "Nothing was published; free some space under PLANWISE_HOME, or raise the limit (ulimit "
        "-f), and run again."
    ),
    "File too large": (
        "The file system or a limit of the account does not allow a file of this size. Nothing "
        "was published."
    ),
    "Out of Range Error: Overflow": (
        "Amounts grew beyond what the model can hold: somebody's pay, or a balance, compounds to "
        "billions. Nothing was published; lower the raises, the growth or the return, or run fewer "
        "years."
    ),
    "Permission denied": "Check the permissions, or set PLANWISE_HOME to another directory.",
    "Read-only file system": "Set PLANWISE_HOME to a directory that can be written.",
}


def explanation(error: BaseException) -> str | None:
    """A message for a person with what to do, or None when `error` is a defect."""
    text = str(error)
    if isinstance(error, RunFailedError):
        return text
    advice = {hint for sign, hint in _ADVICE.items() if sign in text}
    if advice or isinstance(error, EXPLAINED):
        return "\n".join([text, *advice])
    if isinstance(error, FileNotFoundError):
        return f"{error.filename}: no such file"
    return None
