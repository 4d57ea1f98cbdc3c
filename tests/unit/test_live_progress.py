"""Progress of runs: what the browser asks for by itself, and who gets an answer."""

import asyncio
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from streamlit_dashboard.runs import live_progress, orders, worker_process
from streamlit_dashboard.runs.live_progress import ROUTE
from streamlit_dashboard.runs.orders import Order, Status

Mounted = dict[str, object]


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(worker_process, "ensure_running", lambda: None)
    monkeypatch.setattr(worker_process, "is_running", lambda: True)


@pytest.fixture
def given_to_a_page(monkeypatch: pytest.MonkeyPatch) -> Mounted:
    """What a page gets to follow the orders under way."""
    mounted: Mounted = {}
    monkeypatch.setattr(
        live_progress, "_component", lambda *, data, **_: mounted.update(data) or mounted
    )
    live_progress.bars(orders.active())
    return mounted


def order(order_id: str = "20260101", status: Status | None = None) -> Order:
    order = Order(order_id, "baseline", "2026-01-01T00:00:00+00:00", "ana")
    order.directory.mkdir()
    (order.directory / "order.json").write_text(json.dumps(asdict(order)))
    orders.write_status(
        order, status or Status(state="running", stage="fct_payroll", year=2026, share=0.4)
    )
    return order


def asked(header: dict[str, str], known: str) -> Response:
    request = Request(
        {
            "type": "http",
            "method": "GET",
            "path": ROUTE.path,
            "query_string": f"known={known}".encode(),
            "headers": [(name.lower().encode(), text.encode()) for name, text in header.items()],
        }
    )
    # In a thread of its own: the tests of the browser leave an event loop running in theirs.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, ROUTE.endpoint(request)).result()


@pytest.mark.parametrize("token", ["", "guessed", "ü"])
def test_only_a_page_is_told_what_runs(given_to_a_page: Mounted, token: str) -> None:
    order()
    [name] = given_to_a_page["header"]
    assert asked({name: token}, "").status_code == 403
    assert asked({}, "").status_code == 403
    assert asked(given_to_a_page["header"], "").status_code == 200


def test_a_page_that_knows_of_others_is_answered_at_once(given_to_a_page: Mounted) -> None:
    order()
    waiting = order("20260102", Status())
    [first, second] = json.loads(asked(given_to_a_page["header"], "20260101").body)
    assert first == {"id": "20260101", "text": "baseline: 2026 · Payroll", "percent": 40}
    assert second["id"] == waiting.order_id
    assert second["text"] == "baseline: waiting to start"


def test_a_page_is_answered_when_an_order_ends_and_meanwhile_from_time_to_time(
    given_to_a_page: Mounted, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = order()
    header = given_to_a_page["header"]
    monkeypatch.setattr(live_progress, "_SECONDS_BETWEEN_DRAWINGS", 0.0)
    [still] = json.loads(asked(header, known.order_id).body)
    assert still["id"] == known.order_id
    monkeypatch.setattr(live_progress, "_SECONDS_BETWEEN_DRAWINGS", 3600.0)

    def end() -> None:
        time.sleep(0.3)
        orders.write_status(known, Status(state="done", run_id="one"))

    ending = threading.Thread(target=end)
    ending.start()
    assert json.loads(asked(header, known.order_id).body) == []
    ending.join()
