"""Orders: runs asked for in the dashboard, each a folder that outlives page, session and server.

PLANWISE_HOME/dashboard/runs/<order>/order.json     what was asked, by whom, with which estimate
PLANWISE_HOME/dashboard/runs/<order>/status.json    how far it is, written by who runs it
PLANWISE_HOME/dashboard/runs/<order>/log.txt        every message of the run
"""

import getpass
import json
import secrets
import shutil
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from orchestrator import home
from orchestrator.request import RunRequest
from streamlit_dashboard import census_store
from streamlit_dashboard.runs import dagster_server, worker_process

State = Literal["queued", "running", "done", "failed", "cancelled"]
FINISHED: tuple[State, ...] = ("done", "failed", "cancelled")
KEPT_ORDERS = 50


@dataclass(frozen=True)
class Order:
    """One run that was asked for.

    `seed` None means the seed of the settings. `estimate` is pay growth by year (shares) as shown
    when the run was asked for. `dagster_run` names the run when a Dagster server executes it.
    """

    order_id: str
    scenario: str
    submitted_at: str
    submitted_by: str
    seed: int | None = None
    census: str | None = None
    estimate: dict[str, float] = field(default_factory=dict)
    dagster_url: str | None = None
    dagster_run: str | None = None

    @property
    def directory(self) -> Path:
        return runs_directory() / self.order_id

    def request(self) -> RunRequest:
        """The order as the simulation takes it."""
        return RunRequest(
            scenario=self.scenario,
            seed=self.seed,
            census=Path(self.census) if self.census else None,
        )


@dataclass(frozen=True)
class Status:
    """How far an order is. `share` is from 0 to 1; times are UTC, ISO; `run_id` once published."""

    state: State = "queued"
    stage: str = "Waiting"
    year: int | None = None
    share: float = 0.0
    started_at: str | None = None
    finished_at: str | None = None
    run_id: str | None = None
    message: str = ""

    @property
    def finished(self) -> bool:
        return self.state in FINISHED


def runs_directory() -> Path:
    """Where orders live."""
    directory = home.home() / "dashboard" / "runs"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def submit(
    scenario: str, *, seed: int | None = None, estimate: dict[str, float] | None = None
) -> Order:
    """Ask for a run: through the Dagster server when one runs, otherwise by the worker."""
    now = datetime.now(UTC)
    census = census_store.in_use()
    order = Order(
        order_id=f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(2)}",
        scenario=scenario,
        submitted_at=now.isoformat(timespec="seconds"),
        submitted_by=getpass.getuser(),
        seed=seed,
        census=str(census) if census else None,
        estimate=estimate or {},
    )
    order.directory.mkdir()
    url = dagster_server.running_server()
    if url:
        run_id = dagster_server.launch(url, order.request())
        order = replace(order, dagster_url=url, dagster_run=run_id)
    _write(order.directory / "order.json", asdict(order))
    if not url:
        worker_process.ensure_running()
    _drop_old_orders()
    return order


def status(order: Order) -> Status:
    """How far an order is. An order whose process has died is failed."""
    path = order.directory / "status.json"
    known = Status(**json.loads(path.read_text())) if path.exists() else Status()
    if known.finished:
        return known
    if order.dagster_url and order.dagster_run:
        known = _dagster_status(order, order.dagster_url, order.dagster_run)
        if known.finished:
            write_status(order, known)
    elif known.state == "running" and not worker_process.is_running():
        known = replace(
            known,
            state="failed",
            finished_at=_now(),
            message="The process that ran the simulation ended unexpectedly, perhaps for lack of "
            "memory. Nothing was published; the last result is untouched. Start the run again.",
        )
        write_status(order, known)
    elif known.state == "queued":
        worker_process.ensure_running()
    return known


def cancel(order: Order) -> None:
    """Stop an order. Nothing is published, and the last result stays."""
    known = status(order)
    if known.finished:
        return
    if order.dagster_url and order.dagster_run:
        dagster_server.terminate(order.dagster_url, order.dagster_run)
    elif known.state == "running":
        worker_process.stop()
    write_status(
        order,
        replace(
            known,
            state="cancelled",
            finished_at=_now(),
            message="Cancelled. Nothing was published; the last result is untouched.",
        ),
    )
    if not order.dagster_url:
        worker_process.ensure_running()


def every_order() -> list[Order]:
    """Orders that are kept, newest first."""
    paths = sorted(runs_directory().glob("*/order.json"), reverse=True)
    return [Order(**json.loads(path.read_text())) for path in paths]


def active() -> list[Order]:
    """Orders that wait or run, oldest first."""
    return [order for order in reversed(every_order()) if not status(order).finished]


def order_of_run(run_id: str) -> Order | None:
    """The order that made a published result, if the dashboard asked for it."""
    return next((order for order in every_order() if status(order).run_id == run_id), None)


def log_tail(order: Order, lines: int = 40) -> str:
    """The last messages of a run."""
    if order.dagster_url and order.dagster_run:
        messages = dagster_server.messages(order.dagster_url, order.dagster_run)
    else:
        path = order.directory / "log.txt"
        messages = path.read_text().splitlines() if path.exists() else []
    return "\n".join(messages[-lines:])


def write_status(order: Order, status: Status) -> None:
    """Replace the status of an order."""
    _write(order.directory / "status.json", asdict(status))


def _dagster_status(order: Order, url: str, run_id: str) -> Status:
    seen = dagster_server.run_status(url, run_id)
    state: State = {"SUCCESS": "done", "FAILURE": "failed", "CANCELED": "cancelled"}.get(
        seen.status, "running" if seen.started_at else "queued"
    )
    return Status(
        state=state,
        stage=seen.last_message or "Starting in Dagster",
        share=1.0 if state == "done" else 0.0,
        started_at=seen.started_at,
        finished_at=seen.ended_at,
        run_id=seen.published_run_id,
        message=seen.failure,
    )


def _drop_old_orders() -> None:
    for order in every_order()[KEPT_ORDERS:]:
        if status(order).finished:
            shutil.rmtree(order.directory)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _write(path: Path, content: dict[str, Any]) -> None:
    home.write_atomically(path, json.dumps(content, indent=2))
