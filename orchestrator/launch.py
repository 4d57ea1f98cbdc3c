"""`planwise run`: the job of the Dagster UI, executed in this process."""

import contextlib
import os
from collections.abc import Iterator

import dagster as dg
import psutil
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
)
from sqlalchemy.exc import DatabaseError

from orchestrator import home
from orchestrator.definitions import build_definitions
from orchestrator.failures import RunDefectError, RunFailedError
from orchestrator.partitions import partition_key
from orchestrator.preflight import RunPlan
from orchestrator.progress import Progress
from orchestrator.request import RunRequest

PROCESS_TAG = "planwise/process"

# What SQLite says of a file that was cut off, overwritten or emptied.
DAMAGE = "database disk image is malformed", "file is not a database", "no such table"


def launch(
    request: RunRequest,
    plan: RunPlan,
    progress: Progress,
    definitions: dg.Definitions | None = None,
) -> None:
    """Run the years of `plan` as one Dagster run. Raises `RunFailedError`, or `RunDefectError`.

    `definitions` were built before, for the scenario of `plan` and with `progress`.
    """
    definitions = definitions or build_definitions([plan.scenario_id], progress)
    with _instance() as instance:
        _close_dead_runs(instance)
        result = definitions.resolve_job_def("simulation_job").execute_in_process(
            instance=instance,
            run_config=_run_config(request),
            tags={
                ASSET_PARTITION_RANGE_START_TAG: partition_key(plan.scenario_id, plan.first_year),
                ASSET_PARTITION_RANGE_END_TAG: partition_key(plan.scenario_id, plan.last_year),
                PROCESS_TAG: _process_stamp(os.getpid()),
            },
            raise_on_error=False,
        )
    if not result.success:
        raise _failure(result)


@contextlib.contextmanager
def _instance() -> Iterator[dg.DagsterInstance]:
    directory = home.dagster_home()
    try:
        with dg.DagsterInstance.from_config(str(directory)) as instance:
            yield instance
    except DatabaseError as error:
        if any(sign in str(error.orig) for sign in DAMAGE):
            raise home.HomeError(
                f"Dagster's history in {directory / 'history'} is damaged: {error.orig}. It is "
                "only a record, which no result needs: delete that directory and run again."
            ) from error
        raise


def _run_config(request: RunRequest) -> dict[str, object]:
    given = {
        "scenario_file": request.scenario if request.scenario.endswith((".yaml", ".yml")) else None,
        "plan_design": request.plan_design,
        "census": _text(request.census),
        "previous_census": _text(request.previous_census),
        "levers": _text(request.levers),
        "seed": request.seed,
        "overrides": list(request.overrides),
        "threads": request.threads,
        "allow_rejects": request.allow_rejects,
    }
    config = {key: value for key, value in given.items() if value is not None}
    return {
        "ops": {"simulation": {"config": config}},
        # The terminal shows our own progress; Dagster's log goes to its event log.
        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
    }


def _failure(result: dg.ExecuteInProcessResult) -> Exception:
    for event in result.all_events:
        if event.is_step_failure:
            failure = event.step_failure_data
            if failure.error and failure.error.cls_name == "DagsterExecutionInterruptedError":
                raise KeyboardInterrupt
            if failure.user_failure_data and failure.user_failure_data.description:
                return RunFailedError(failure.user_failure_data.description)
            if failure.error:
                defect = RunDefectError((failure.error.cause or failure.error).message.strip())
                defect.add_note(failure.error_display_string)
                return defect
    [last] = [event for event in result.all_events if event.is_failure][-1:]
    return RunFailedError(last.message or "the run failed before its first step")


def _close_dead_runs(instance: dg.DagsterInstance) -> None:
    """Mark runs whose process was killed as failed, so that they stop occupying the pool."""
    unfinished = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING])
    for run in instance.get_runs(filters=unfinished):
        stamp = run.tags.get(PROCESS_TAG)
        if stamp and stamp != _process_stamp(int(stamp.split("@")[0])):
            instance.report_run_failed(run, "the process of this run was killed")


def _process_stamp(pid: int) -> str:
    """Pid and start time, because pids are reused."""
    try:
        return f"{pid}@{psutil.Process(pid).create_time():.0f}"
    except psutil.NoSuchProcess:
        return ""


def _text(path: os.PathLike[str] | None) -> str | None:
    return str(path) if path else None
