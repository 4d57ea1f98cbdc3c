"""The worker: a process that has loaded Dagster and dbt and runs orders one at a time.

Loading takes longer than simulating a few thousand people, so it is done before the first order.
It leaves after a while without orders, and is started again when one arrives.
"""

import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from orchestrator import home
from orchestrator.failures import explanation
from orchestrator.preflight import RunPlan, plan_run
from orchestrator.progress import ModelBuilt, News, Published, StageStarted, YearDone
from streamlit_dashboard.runs import orders, worker_process
from streamlit_dashboard.runs.orders import Order, Status

IDLE_SECONDS = 3600
POLL_SECONDS = 0.2


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
                done = (year - self._plan.first_year + index / total) / len(self._plan.years)
                self._at(name, year, 0.05 + 0.85 * done)
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

    def _at(self, stage: str, year: int | None, share: float | None = None) -> None:
        self.status = replace(self.status, stage=stage, year=year, share=share or self.status.share)
        self._write()

    def _write(self) -> None:
        orders.write_status(self._order, self.status)


def note(order: Order, text: str) -> None:
    """Append to the log of an order, each line with the time."""
    stamp = datetime.now().strftime("%H:%M:%S")
    with (order.directory / "log.txt").open("a") as log:
        for line in text.splitlines():
            log.write(f"{stamp}  {line}\n")


def main(lock_descriptor: int) -> None:
    """Run orders until there have been none for a while, holding the lock of the one worker."""
    loaded = _code_stamp()
    from orchestrator.definitions import build_definitions

    build_definitions()
    idle_since = time.monotonic()
    while time.monotonic() - idle_since < IDLE_SECONDS:
        order = _next_order()
        if order is None:
            time.sleep(POLL_SECONDS)
            continue
        if _code_stamp() != loaded:
            # The model was edited: what is loaded is no longer what would be run.
            worker_process.restart(lock_descriptor)
        run(order)
        idle_since = time.monotonic()


def run(order: Order) -> None:
    """Execute one order; its status tells how it ended."""
    from orchestrator.launch import launch

    try:
        request = order.request()
        plan = plan_run(request)
    except Exception as error:
        note(order, f"{type(error).__name__}: {error}")
        failed = Status(state="failed", started_at=_now(), finished_at=_now())
        orders.write_status(order, replace(failed, message=orders.in_words(explanation(error))))
        return
    progress = OrderProgress(order, plan)
    try:
        launch(request, plan, progress)
    except Exception as error:
        note(order, f"{type(error).__name__}: {error}")
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
