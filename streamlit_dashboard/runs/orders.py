"""Orders: runs asked for in the dashboard, each a folder that outlives page, session and server.

PLANWISE_HOME/dashboard/runs/<order>/order.json     what was asked, by whom, with which estimate
PLANWISE_HOME/dashboard/runs/<order>/status.json    how far it is, written by who runs it
PLANWISE_HOME/dashboard/runs/<order>/log.txt        every message of the run
"""

import getpass
import json
import re
import secrets
import shutil
import time
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from orchestrator import home
from orchestrator.census_report import ALL_REJECTS, REJECTS_ADVICE
from orchestrator.failures import EXPLAINED
from orchestrator.publishing import NotPublishedError, PublishedRun, is_made_by, published_run
from orchestrator.request import RunRequest
from streamlit_dashboard import census_store
from streamlit_dashboard.runs import dagster_server, worker_process
from streamlit_dashboard.runs.dagster_server import DagsterServerError

State = Literal["queued", "running", "done", "failed", "cancelled"]
FINISHED: tuple[State, ...] = ("done", "failed", "cancelled")
KEPT_ORDERS = 50
DAGSTER_ASKED_EVERY = 0.5

# Directories of orders that were seen to have ended, which they stay: the worker looks twenty times
# a second for one that has not.
_seen_ended: set[Path] = set()

DEFECT = (
    "The simulation stopped because of a defect in the model, not because of your inputs. Nothing "
    "was published; earlier results are untouched. The log of this run shows where it stopped: "
    "send it to the people who look after the model."
)
CRASH = (
    "The process that ran the simulation ended unexpectedly, perhaps for lack of memory. Nothing "
    "was published; earlier results are untouched. Start the run again."
)
CENSUS_ADVICE = (
    "Correct the rows in your file and upload it again on the page Census, which lists every bad "
    "row; then run again."
)
CANCELLED = "Cancelled. Nothing was published; earlier results are untouched."
STOPPING = "Stopping"


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

    @property
    def is_stopping(self) -> bool:
        """Whether it was cancelled and has not ended yet."""
        return not self.finished and self.stage == STOPPING


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
    order = _given_to_dagster(order)
    order.directory.mkdir()
    _write(order.directory / "order.json", asdict(order))
    if not order.dagster_run:
        worker_process.ensure_running()
    _drop_old_orders()
    return order


def status(order: Order) -> Status:
    """How far an order is. An order whose process has died is failed."""
    path, known = _status_file(order), _told(order)
    if known.finished:
        return known
    if order.dagster_url and order.dagster_run:
        if not path.exists() or time.time() - path.stat().st_mtime > DAGSTER_ASKED_EVERY:
            known = _dagster_status(order, order.dagster_url, order.dagster_run, known)
            write_status(order, known)
    elif known.state == "running" and not worker_process.is_running():
        known = _ended(order, "failed", CRASH)
        write_status(order, known)
    elif known.state == "queued":
        worker_process.ensure_running()
    return known


def cancel(order: Order) -> None:
    """Stop an order: nothing is published, and the last result stays, unless it was too late."""
    known = status(order)
    if known.finished:
        return
    if order.dagster_url and order.dagster_run:
        try:
            dagster_server.terminate(order.dagster_url, order.dagster_run)
        except (OSError, DagsterServerError):
            # A server that is gone, or knows no such process, runs nothing.
            write_status(order, _ended(order, "cancelled", CANCELLED))
        else:
            # It may publish before it stops, so how it ends is for the server to say.
            write_status(order, replace(known, stage=STOPPING))
        return
    if known.state == "running" or _is_next(order):
        worker_process.stop()
    write_status(order, _ended(order, "cancelled", CANCELLED))
    worker_process.ensure_running()


def every_order() -> list[Order]:
    """Orders that are kept, newest first."""
    return [_read(path) for path in sorted(runs_directory().glob("*/order.json"), reverse=True)]


def active() -> list[Order]:
    """Orders that wait or run, oldest first."""
    unfinished = []
    for directory in sorted(runs_directory().iterdir()):
        path = directory / "order.json"
        if directory in _seen_ended or not path.exists():
            continue
        order = _read(path)
        if status(order).finished:
            _seen_ended.add(directory)
        else:
            unfinished.append(order)
    return unfinished


def reads(census: Path) -> bool:
    """Whether an order that waits or runs was asked for with this census."""
    return str(census) in {order.census for order in active()}


def order_of_run(run_id: str) -> Order | None:
    """The order that made a published result, if the dashboard asked for it."""
    return next((order for order in every_order() if status(order).run_id == run_id), None)


def log_tail(order: Order, lines: int = 40) -> str:
    """The last messages of a run."""
    if order.dagster_url and order.dagster_run:
        try:
            messages = dagster_server.messages(order.dagster_url, order.dagster_run)
        except (OSError, DagsterServerError):
            messages = [f"The log is in the Dagster server {order.dagster_url}; it does not answer"]
    else:
        path = order.directory / "log.txt"
        messages = path.read_text().splitlines() if path.exists() else []
    return "\n".join(messages[-lines:])


def in_words(explanation: str | None) -> str:
    """What to tell an analyst of a failure: without an explanation it is a defect, and what to type
    on a command line is of no use on a page."""
    if not explanation:
        return DEFECT
    text = explanation.replace(REJECTS_ADVICE, CENSUS_ADVICE)
    return re.sub(rf"{re.escape(ALL_REJECTS)}.*", "more.", text)


def share_at(models: float) -> float:
    """How far an order is when that share of its models is built: the inputs come before them, the
    checks of the whole log and the publication after them."""
    return 0.05 + 0.85 * models


def write_status(order: Order, status: Status) -> None:
    """Replace the status of an order.

    Progress is written after every model, and the run would wait for the disk each time; only how
    an order ended has to survive a power cut.
    """
    _write(_status_file(order), asdict(status), durable=status.finished)


def _given_to_dagster(order: Order) -> Order:
    """The order with Dagster's run, or as it was: then the worker takes it, and explains what is
    wrong with its settings."""
    url = dagster_server.running_server()
    if not url:
        return order
    try:
        run_id = dagster_server.launch(url, order.request())
    except (OSError, DagsterServerError, *EXPLAINED):
        return order
    return replace(order, dagster_url=url, dagster_run=run_id)


def _dagster_status(order: Order, url: str, run_id: str, before: Status) -> Status:
    try:
        seen = dagster_server.run_status(url, run_id)
    except (OSError, DagsterServerError):
        return replace(before, stage=f"The Dagster server {url} does not answer")
    state: State = {"SUCCESS": "done", "FAILURE": "failed", "CANCELED": "cancelled"}.get(
        seen.status, "running" if seen.started_at else "queued"
    )
    # A run that is ended between publishing and telling Dagster so has a result all the same.
    published = seen.published_run_id
    if state in ("failed", "cancelled") and (result := _result_of(order, before)):
        state, published = "done", result.run_id
    year, stage = _year_and_stage(seen.last_message)
    first, last = seen.years
    share = share_at((year - first) / (last + 1 - first)) if year else before.share
    failure = CRASH if seen.failure is None else in_words(seen.failure)
    if seen.status == "CANCELING":
        stage = STOPPING
    return Status(
        state=state,
        stage="Published" if published else stage or "Starting in Dagster",
        year=year,
        share=1.0 if state == "done" else share,
        started_at=seen.started_at,
        finished_at=seen.ended_at,
        run_id=published,
        message={"failed": failure, "cancelled": CANCELLED}.get(state, ""),
    )


def _year_and_stage(message: str) -> tuple[int | None, str]:
    found = re.fullmatch(r"(\d{4}): (.*)", message)
    return (int(found[1]), found[2]) if found else (None, message)


def _is_next(order: Order) -> bool:
    """Whether the worker takes this order next: it may have done so without having told it yet."""
    waiting = [other for other in active() if not other.dagster_run]
    return waiting[:1] == [order]


def _read(path: Path) -> Order:
    return Order(**json.loads(path.read_text()))


def _told(order: Order) -> Status:
    """How far an order is, as written by who runs it."""
    path = _status_file(order)
    return Status(**json.loads(path.read_text())) if path.exists() else Status()


def _ended(order: Order, state: State, message: str) -> Status:
    """How an order ended whose worker was stopped: it may have published before it could say so."""
    known = _told(order)
    # Another page may have taken the stopped worker for one that died.
    if known.finished and known.message != CRASH:
        return known
    if result := _result_of(order, known):
        done = replace(known, state="done", stage="Published", year=None, share=1.0)
        return replace(done, finished_at=_now(), run_id=result.run_id)
    return replace(known, state=state, finished_at=_now(), message=message)


def _result_of(order: Order, known: Status) -> PublishedRun | None:
    """What an order has published, whether or not it came to say so."""
    try:
        run = published_run(order.scenario)
    except NotPublishedError:
        return None
    if order.dagster_run:
        return run if is_made_by(run, order.dagster_run) else None
    # The worker takes one order at a time, so what was begun after the order is the order's own.
    is_later = known.started_at and run.identity.started_at >= known.started_at
    return run if is_later else None


def _status_file(order: Order) -> Path:
    return order.directory / "status.json"


def _drop_old_orders() -> None:
    for order in every_order()[KEPT_ORDERS:]:
        if status(order).finished:
            shutil.rmtree(order.directory)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _write(path: Path, content: dict[str, Any], *, durable: bool = True) -> None:
    home.write_atomically(path, json.dumps(content, indent=2), durable=durable)
