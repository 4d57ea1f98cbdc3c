"""The worker: a process that has loaded Dagster and dbt and runs orders one at a time.

Loading takes longer than simulating a few thousand people, so it is done before the first order.
It leaves after a while without orders, and is started again when one arrives.
"""

import gc
import sys
import time
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from config.loading import scenario_names
from orchestrator import home
from orchestrator.failures import explanation
from orchestrator.preflight import RunPlan, from_first_change, plan_run
from orchestrator.progress import (
    ModelBuilt,
    News,
    Progress,
    Published,
    Silence,
    StageStarted,
    YearDone,
)
from orchestrator.request import RunRequest
from streamlit_dashboard.runs import orders, worker_process
from streamlit_dashboard.runs.orders import Order, Status

if TYPE_CHECKING:
    import dagster as dg

IDLE_SECONDS = 3600
POLL_SECONDS = 0.05
# Models of a small company follow each other faster than a page looks, and wait for each word.
TOLD_EVERY_SECONDS = 0.3


class OrderProgress:
    """Turns the news of a run into the status and the log of its order."""

    def __init__(self, order: Order, plan: RunPlan) -> None:
        self._order = order
        self._plan = plan
        self.status = Status(state="running", stage="Starting", started_at=_now())
        self._write()

    def tell(self, news: News) -> None:
        note(self._order, str(news))
        match news:
            case StageStarted(stage=stage, year=year):
                self._at(stage, year)
            case ModelBuilt(year=year, name=name, index=index, total=total):
                if time.monotonic() - self._told_at > TOLD_EVERY_SECONDS:
                    done = (year - self._plan.first_year + index / total) / len(self._plan.years)
                    self._at(name, year, orders.share_at(done))
            case YearDone(year=year):
                self._at("checked", year)
            case Published(run=run):
                self.status = replace(
                    self.status,
                    state="done",
                    stage="Published",
                    year=None,
                    share=1.0,
                    finished_at=_now(),
                    run_id=run.run_id,
                )
                self._write()

    def fail(self, message: str) -> None:
        """The run ended without a result."""
        self.status = replace(self.status, state="failed", finished_at=_now(), message=message)
        self._write()

    def _at(self, stage: str, year: int | None, share: float = 0) -> None:
        # Reports of a year are built beside the next year, and told after its models.
        share = max(share, self.status.share)
        self.status = replace(self.status, stage=stage, year=year, share=share)
        self._write()

    def _write(self) -> None:
        self._told_at = time.monotonic()
        orders.write_status(self._order, self.status)


def note(order: Order, text: str) -> None:
    """Append to the log of an order, each line with the time."""
    stamp = datetime.now().strftime("%H:%M:%S")
    with (order.directory / "log.txt").open("a") as log:
        for line in text.splitlines():
            log.write(f"{stamp}  {line}\n")


class LoadedDefinitions:
    """The Dagster definitions, kept from run to run: building them takes half a second.

    They are made anew for a scenario that is younger than they are.
    """

    def __init__(self) -> None:
        self._listener: Progress = Silence()
        self._scenarios: list[str] = []
        self._definitions: dg.Definitions | None = None

    def tell(self, news: News) -> None:
        """Pass news on to the order that runs now."""
        self._listener.tell(news)

    def load(self, scenarios: list[str]) -> None:
        """Have definitions that know `scenarios`."""
        from orchestrator.definitions import build_definitions

        if not set(scenarios) <= set(self._scenarios):
            self._scenarios = sorted({*self._scenarios, *scenarios})
            self._definitions = build_definitions(self._scenarios, progress=self)

    def launch(self, request: RunRequest, plan: RunPlan, progress: Progress) -> None:
        """Run the years of `plan`. Raises what `orchestrator.launch.launch` does."""
        from orchestrator.launch import launch

        self._listener = progress
        self.load([plan.scenario_id])
        launch(request, plan, self, self._definitions)


def main(lock_descriptor: int) -> None:
    """Run orders until there have been none for a while, holding the lock of the one worker."""
    loaded = _code_stamp()
    definitions = LoadedDefinitions()
    definitions.load(scenario_names())
    # What is loaded stays, and a run's garbage can wait for its end: looking for it meanwhile would
    # cost a tenth of the run.
    gc.freeze()
    gc.disable()
    idle_since = time.monotonic()
    while time.monotonic() - idle_since < IDLE_SECONDS:
        order = _next_order()
        if order is None:
            time.sleep(POLL_SECONDS)
            continue
        if _code_stamp() != loaded:
            # The model was edited: what is loaded is no longer what would be run.
            worker_process.restart(lock_descriptor)
        run(order, definitions)
        gc.collect()
        idle_since = time.monotonic()


def run(order: Order, definitions: LoadedDefinitions) -> None:
    """Execute one order; its status tells how it ended."""
    try:
        request = from_first_change(order.request())
        plan = plan_run(request)
    except Exception as error:
        note(order, f"{type(error).__name__}: {error}")
        failed = Status(state="failed", started_at=_now(), finished_at=_now())
        orders.write_status(order, replace(failed, message=orders.in_words(explanation(error))))
        return
    progress = OrderProgress(order, plan)
    try:
        definitions.launch(request, plan, progress)
    except Exception as error:
        # With the notes, such as the trace of a defect.
        note(order, "".join(traceback.format_exception_only(error)))
        if progress.status.finished:
            return
        progress.fail(orders.in_words(explanation(error)))


def _next_order() -> Order | None:
    return next((order for order in orders.active() if not order.dagster_run), None)


def _code_stamp() -> float:
    root = home.PROJECT_ROOT
    patterns = ("dbt/models/**/*.*", "dbt/macros/**/*.sql", "orchestrator/**/*.py", "config/*.py")
    files = [path for pattern in patterns for path in Path(root).glob(pattern)]
    return max(path.stat().st_mtime for path in files)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


if __name__ == "__main__":
    main(int(sys.argv[1]))
