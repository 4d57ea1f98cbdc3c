"""Runs asked for in the dashboard go through the Dagster server that is there, and survive it."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.loading import SettingsError
from orchestrator import home
from orchestrator.publishing import published_run
from streamlit_dashboard import census_store
from streamlit_dashboard.runs import dagster_server, orders, worker_process
from streamlit_dashboard.runs.orders import Order, Status

SECONDS = 180


@pytest.fixture
def live_server(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """`make dagster` in a PLANWISE_HOME of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    monkeypatch.setenv("PLANWISE_DAGSTER_URL", url)
    process = subprocess.Popen(
        [Path(sys.executable).with_name("dagster"), "dev", "-h", "127.0.0.1", "-p", str(port)],
        cwd=home.PROJECT_ROOT,
        env={**os.environ, "DAGSTER_HOME": str(home.dagster_home())},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_until(lambda: dagster_server.running_server() == url)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=60)


@pytest.mark.slow
def test_a_live_server_runs_shows_progress_cancels_and_explains(
    live_server: str, small_census: Path, tmp_path: Path
) -> None:
    census = tmp_path / "people.csv"
    lines = small_census.read_text().splitlines()
    census.write_text("\n".join(lines))
    census_store.use(census_store.add(census.name, census.read_bytes())[0])

    done = orders.submit("baseline", seed=5)
    assert done.dagster_url == live_server
    seen = _followed(done, lambda known: known.finished)
    assert seen[-1].state == "done", seen[-1].message
    assert seen[-1].run_id == published_run("baseline").run_id
    assert published_run("baseline").identity.random_seed == 5
    assert {known.year for known in seen} >= {2025, 2027, 2029}
    shares = [known.share for known in seen]
    assert shares == sorted(shares)
    assert "2029: models" in orders.log_tail(done, lines=1000)

    stopped = orders.submit("baseline")
    _followed(stopped, lambda known: known.year == 2025)
    orders.cancel(stopped)
    assert orders.status(stopped).is_stopping
    [*_, last] = _followed(stopped, lambda known: known.finished)
    assert last.state == "cancelled"
    assert dagster_server.run_status(live_server, stopped.dagster_run).status == "CANCELED"

    unbegun = orders.submit("baseline")
    _wait_until(
        lambda: dagster_server.run_status(live_server, unbegun.dagster_run).status == "STARTING"
    )
    orders.cancel(unbegun)
    [*_, last] = _followed(unbegun, lambda known: known.finished)
    assert last.state == "cancelled"

    census_store.in_use().write_text("\n".join([*lines, lines[-1]]))
    failed = orders.submit("baseline")
    [*_, last] = _followed(failed, lambda known: known.finished)
    assert last.state == "failed"
    assert "Correct the rows" in last.message
    ended = dagster_server.run_status(live_server, unbegun.dagster_run)
    assert (ended.status, ended.last_message) == ("CANCELED", "")
    assert published_run("baseline").run_id == seen[-1].run_id


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is there, and no process of our own."""
    monkeypatch.setattr(worker_process, "ensure_running", lambda: None)
    monkeypatch.setattr(dagster_server, "running_server", lambda: "http://127.0.0.1:9")


@pytest.mark.parametrize(
    "refusal",
    [
        urllib.error.URLError("refused"),
        dagster_server.DagsterServerError("no such partition"),
        SettingsError([]),
    ],
)
def test_what_the_server_does_not_take_is_left_to_the_worker(
    fresh_home: Path, no_worker: None, monkeypatch: pytest.MonkeyPatch, refusal: Exception
) -> None:
    def refuse(*_: object) -> str:
        raise refusal

    monkeypatch.setattr(dagster_server, "launch", refuse)
    order = orders.submit("baseline")
    assert order.dagster_run is None
    assert orders.active() == [order]


HTTP = b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"",
        HTTP + b"<html></html>",
        HTTP + b"[]",
        HTTP + b"{}",
        HTTP + b'{"data": null}',
        HTTP + b'{"data": ["one"]}',
        HTTP + b'{"data": {}}',
        HTTP + b'{"errors": ["no such path"]}',
    ],
)
def test_another_service_at_the_address_is_no_dagster_server(
    fresh_home: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    monkeypatch.setattr(worker_process, "ensure_running", lambda: None)
    with socket.create_server(("127.0.0.1", 0)) as service:

        def serve() -> None:
            visitor, _ = service.accept()
            with visitor:
                visitor.sendall(answer)
                visitor.shutdown(socket.SHUT_WR)
                while visitor.recv(65536):
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        monkeypatch.setenv("PLANWISE_DAGSTER_URL", f"http://127.0.0.1:{service.getsockname()[1]}")
        order = orders.submit("baseline")
        thread.join(SECONDS)
    assert order.dagster_run is None
    assert orders.active() == [order]


def test_nothing_is_left_of_an_order_that_could_not_be_made(
    fresh_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError

    monkeypatch.setattr(dagster_server, "running_server", broken)
    with pytest.raises(RuntimeError):
        orders.submit("baseline")
    assert list(orders.runs_directory().iterdir()) == []


def test_a_server_that_is_gone_is_said_and_its_run_can_be_cancelled(
    fresh_home: Path, no_worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dagster_server, "launch", lambda *_: "some-run")
    order = orders.submit("baseline")
    assert "does not answer" in orders.status(order).stage
    assert "does not answer" in orders.log_tail(order)
    orders.cancel(order)
    assert orders.status(order).state == "cancelled"
    assert orders.active() == []


@pytest.mark.parametrize(
    ("said", "shown"),
    [(None, "ended unexpectedly"), ("", "a defect"), ("Correct the rows", "Correct the rows")],
)
def test_every_failed_run_tells_what_to_do(
    fresh_home: Path,
    no_worker: None,
    monkeypatch: pytest.MonkeyPatch,
    said: str | None,
    shown: str,
) -> None:
    monkeypatch.setattr(dagster_server, "launch", lambda *_: "some-run")
    ended = dagster_server.DagsterRun("FAILURE", None, None, (2025, 2026), "inputs", said, None)
    monkeypatch.setattr(dagster_server, "run_status", lambda *_: ended)
    assert shown in orders.status(orders.submit("baseline")).message


def test_an_order_that_the_worker_is_about_to_take_is_cancelled_for_good(
    fresh_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = []
    monkeypatch.setenv("PLANWISE_DAGSTER_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(worker_process, "ensure_running", lambda: None)
    monkeypatch.setattr(worker_process, "stop", lambda: stopped.append(True))
    first, second = orders.submit("baseline"), orders.submit("high_growth")
    orders.cancel(second)
    assert not stopped
    orders.cancel(first)
    assert stopped


def _followed(order: Order, until: Callable[[Status], bool]) -> list[Status]:
    seen = []

    def look() -> bool:
        seen.append(orders.status(order))
        return until(seen[-1]) or seen[-1].finished

    _wait_until(look)
    return seen


def _wait_until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.2)
