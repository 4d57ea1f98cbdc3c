"""Censuses that were uploaded: checked, then kept under `PLANWISE_HOME/census`."""

import hashlib
import json
import os
import re
import tempfile
from pathlib import Path

import duckdb

from config.loading import load_simulation
from orchestrator import home
from orchestrator.census import CensusError, CensusReport, load_census
from orchestrator.prepare import SAMPLE_EMPLOYEES

SAMPLE = f"the generated sample of {SAMPLE_EMPLOYEES:,} employees"
MOST_MEGABYTES = 200
# File systems take names of 255 characters, the digest and the suffix included.
LONGEST_STEM = 100
SUFFIXES = ("csv", "parquet")


def in_use() -> Path | None:
    """The census of the next runs; None means the generated sample."""
    choice = _choice_file()
    if not choice.exists():
        return None
    path = _uploads() / json.loads(choice.read_text())["census"]
    return path if path.exists() else None


def use(census: Path | None) -> None:
    """Choose the census of the next runs."""
    if census is None:
        _choice_file().unlink(missing_ok=True)
    else:
        home.write_atomically(_choice_file(), json.dumps({"census": census.name}))


def uploads() -> list[Path]:
    """Censuses that were uploaded, by name; not those that are still being checked."""
    return sorted(path for suffix in SUFFIXES for path in _uploads().glob(f"[!.]*.{suffix}"))


def delete(census: Path) -> None:
    """Remove an uploaded census for good; was it chosen, the next runs use the sample."""
    if census == in_use():
        use(None)
    census.unlink(missing_ok=True)


def add(name: str, content: bytes, scenario: str = "baseline") -> tuple[Path, CensusReport]:
    """Check an uploaded census with the levels and the start of a scenario, and keep it as it is.
    Raises `CensusError`, which calls the file by the name it was uploaded with; nothing is kept
    then. Raises `SettingsError`.

    The file is readable by its owner only, because it may hold social security numbers.
    """
    suffix = Path(name).suffix.lower()
    stem = re.sub(r"[^A-Za-z0-9_-]+", "_", Path(name).stem).strip("_") or "census"
    settings = load_simulation(scenario).settings
    handle, temporary_name = tempfile.mkstemp(prefix=".upload-", suffix=suffix, dir=_uploads())
    temporary = Path(temporary_name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        with duckdb.connect() as connection:
            report = load_census(
                connection,
                temporary,
                as_of=settings.simulation.census_date,
                ssn_key=home.ssn_key(),
                levels=[level.level_id for level in settings.compensation.job_levels],
                allow_rejects=False,
            )
        digest = hashlib.sha256(content).hexdigest()[:8]
        kept = _uploads() / f"{stem[:LONGEST_STEM]}_{digest}{suffix}"
        temporary.replace(kept)
    except CensusError as error:
        raise CensusError(str(error).replace(str(temporary), name), error.report) from error
    finally:
        temporary.unlink(missing_ok=True)
    return kept, report


def _uploads() -> Path:
    directory = home.census_directory() / "uploads"
    directory.mkdir(mode=0o700, exist_ok=True)
    return directory


def _choice_file() -> Path:
    directory = home.home() / "dashboard"
    directory.mkdir(parents=True, exist_ok=True)
    return directory / "census.json"
