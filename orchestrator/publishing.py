"""Published results: immutable files, and per scenario one pointer to the current of them.

    published/<scenario>/<run_id>/simulation.duckdb    the result
    published/<scenario>/<run_id>/run.json             what it is
    published/<scenario>/current.json                  copy of the current result's run.json

A result is never changed once published. Readers resolve the pointer, open the file read-only and
key their caches by run id; a writer never opens a published file for writing.
"""

import json
import logging
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from config.loading import load_simulation
from orchestrator import home
from orchestrator.database import DATABASE_NAME
from orchestrator.prepare import RunIdentity

KEPT_RESULTS = 5

logger = logging.getLogger(__name__)


class NotPublishedError(Exception):
    """A scenario has no published result."""


class OtherVersionError(Exception):
    """A published result lacks what is asked, because another version of the model made it."""


class DamagedResultError(Exception):
    """A file that describes a result does not; the message says which, and what to do."""


@dataclass(frozen=True)
class PublishedRun:
    """One published result. `years` is (first, last), `duration_seconds` the time it took."""

    identity: RunIdentity
    years: tuple[int, int]
    duration_seconds: float
    published_at: str
    database: Path

    @property
    def run_id(self) -> str:
        return self.identity.run_id


def new_run_id(maker: str) -> str:
    """An id, in the order of time, for the result of what begins now; `maker` is its own id."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{maker[:8]}"


def is_made_by(run: PublishedRun, maker: str) -> bool:
    """Whether a result was made by what has the id `maker`, such as a Dagster run."""
    return run.run_id.endswith(f"-{maker[:8]}")


def scenario_id_of(scenario: str) -> str:
    """The id of a scenario given by name, or by the path of its YAML file."""
    if scenario.endswith((".yaml", ".yml")):
        return load_simulation(scenario).settings.scenario_id
    return scenario


def published_run(scenario_id: str) -> PublishedRun:
    """The current result of a scenario. Raises `NotPublishedError`.

    When the current file was deleted by hand, the newest one left is taken, with a warning.
    """
    pointer = home.published_directory() / scenario_id / "current.json"
    if pointer.exists():
        current = _read(pointer)
        if current.database.exists():
            return current
        missing = f"{current.database} was deleted. "
    else:
        missing = ""
    remaining = list_runs(scenario_id)
    if not remaining:
        raise NotPublishedError(
            f"{missing}There is no published result for scenario {scenario_id} under "
            f"{home.published_directory()}. Make one with: planwise run --scenario {scenario_id}"
        )
    if missing:
        logger.warning(
            "%sUsing the newest result left, run %s of %s. To replace it: planwise run "
            "--scenario %s",
            missing,
            remaining[0].run_id,
            remaining[0].published_at,
            scenario_id,
        )
    return remaining[0]


def published_database(scenario_id: str) -> Path:
    """Path of the current result of a scenario; open it read-only."""
    return published_run(scenario_id).database


def list_runs(scenario_id: str | None = None) -> list[PublishedRun]:
    """Every result that is kept, newest first; of one scenario, or of all."""
    paths = home.published_directory().glob("*/*/run.json")
    wanted = [path for path in paths if scenario_id in (None, path.parent.parent.name)]
    kept = [run for run in _readable(wanted) if run.database.exists()]
    return sorted(kept, key=lambda run: (run.published_at, run.run_id), reverse=True)


def current_run_ids() -> set[str]:
    """The run ids that the pointers name."""
    pointers = home.published_directory().glob("*/current.json")
    return {run.run_id for run in _readable(pointers)}


def publish(
    workspace: Path,
    identity: RunIdentity,
    years: tuple[int, int],
    duration_seconds: float,
    published_at: str,
) -> PublishedRun:
    """Move a finished workspace among the published results and point to it.

    Each step is atomic and in this order, so a process killed between any two leaves either the
    old result or the new one, complete.
    """
    work_file = workspace / DATABASE_NAME
    with duckdb.connect(str(work_file)) as connection:
        connection.execute("CHECKPOINT")
    _sync_file(work_file)
    directory = home.published_directory() / identity.scenario_id
    directory.mkdir(exist_ok=True)
    target = directory / identity.run_id
    run = PublishedRun(identity, years, duration_seconds, published_at, target / DATABASE_NAME)
    home.write_atomically(workspace / "run.json", _as_json(run))
    workspace.rename(target)
    home.sync_directory(directory)
    home.write_atomically(directory / "current.json", _as_json(run))
    _drop_old_results(identity.scenario_id, current=run)
    return run


def _drop_old_results(scenario_id: str, current: PublishedRun) -> None:
    # A reader that resolved the pointer a moment ago holds the previous result, which is kept.
    for run in list_runs(scenario_id)[KEPT_RESULTS:]:
        if run.run_id != current.run_id:
            # Out of sight in one step; whatever a killed process leaves among the work files, the
            # next run removes.
            doomed = home.work_directory() / run.run_id
            try:
                run.database.parent.rename(doomed)
                shutil.rmtree(doomed)
            except OSError as error:
                # The new result is published, and stands.
                logger.warning("The old result %s was not removed: %s", run.run_id, error)


def _as_json(run: PublishedRun) -> str:
    return json.dumps(
        {
            **asdict(run.identity),
            "years": list(run.years),
            "duration_seconds": round(run.duration_seconds, 2),
            "published_at": run.published_at,
            # Relative to the pointer's own scenario directory, so PLANWISE_HOME may be moved.
            "path": f"{run.run_id}/{run.database.name}",
        },
        indent=2,
    )


def _readable(paths: Iterable[Path]) -> list[PublishedRun]:
    """What the files describe; one that cannot be read is left out, with a warning."""
    runs = []
    for path in paths:
        try:
            runs.append(_read(path))
        except FileNotFoundError:
            pass  # A run that publishes at this moment removes the oldest result.
        except (DamagedResultError, OSError) as error:
            logger.warning("A result is left out: %s", error)
    return runs


def _read(path: Path) -> PublishedRun:
    try:
        fields = json.loads(path.read_text())
        first, last = fields.pop("years")
        duration = fields.pop("duration_seconds")
        published_at = fields.pop("published_at")
        relative = fields.pop("path")
        identity = RunIdentity(**fields)
        database = home.published_directory() / identity.scenario_id / relative
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise DamagedResultError(
            f"{path} does not describe a result: it is damaged, or another version of PlanWise "
            "wrote it. Delete this file, and the newest result that is left is used; make a new "
            "one with planwise run."
        ) from error
    return PublishedRun(identity, (first, last), duration, published_at, database)


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
