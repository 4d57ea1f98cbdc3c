"""Serving, orders and censuses: who may see what, what outlives a page."""

import json
import os
import stat
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from orchestrator import home
from orchestrator.census import CensusError, load_census
from orchestrator.database import DATABASE_NAME
from orchestrator.preflight import RunPlan
from orchestrator.prepare import RunIdentity
from orchestrator.progress import Silence
from orchestrator.publishing import new_run_id, publish
from orchestrator.request import RunRequest
from orchestrator.sample_census import generate
from streamlit_dashboard import census_store, formats, server, show
from streamlit_dashboard.runs import dagster_server, orders, worker, worker_process
from streamlit_dashboard.runs.dagster_server import DagsterRun
from streamlit_dashboard.runs.orders import Order, Status


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost"])
def test_this_machine_needs_no_password(address: str) -> None:
    assert server.refusal(address, None) is None


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.7", "::", "plans.example.com"])
def test_an_address_beyond_this_machine_needs_a_password(address: str) -> None:
    reason = server.refusal(address, None)
    assert reason is not None
    assert "PLANWISE_DASHBOARD_PASSWORD" in reason
    assert server.refusal(address, "") is not None
    assert server.refusal(address, "secret") is None


def test_uploads_are_limited_and_details_of_errors_hidden() -> None:
    options = server.options("127.0.0.1", 8501)
    assert options["server.maxUploadSize"] == census_store.MOST_MEGABYTES
    assert options["client.showErrorDetails"] == "none"


def make_order(order_id: str = "one") -> Order:
    order = Order(order_id, "baseline", "2026-01-01T00:00:00+00:00", "ana")
    order.directory.mkdir()
    return order


def test_an_order_whose_process_died_is_failed_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = make_order()
    orders.write_status(order, Status(state="running", stage="models", year=2026))
    monkeypatch.setattr(worker_process, "is_running", lambda: False)
    seen = orders.status(order)
    assert seen.state == "failed"
    assert "Start the run again" in seen.message
    assert orders.status(order) == seen


def test_a_running_order_stays_running_while_its_worker_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = make_order()
    running = Status(state="running", stage="models", year=2026, share=0.4)
    orders.write_status(order, running)
    monkeypatch.setattr(worker_process, "is_running", lambda: True)
    assert orders.status(order) == running


def test_a_worker_without_orders_reads_none_of_those_that_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for place in range(3):
        ended = make_order(f"2026010{place}")
        (ended.directory / "order.json").write_text(json.dumps(asdict(ended)))
        orders.write_status(ended, Status(state="done"))
    assert orders.active() == []
    read: list[Path] = []
    read_text = Path.read_text
    monkeypatch.setattr(Path, "read_text", lambda path: read.append(path) or read_text(path))
    monkeypatch.setattr(worker_process, "ensure_running", lambda: None)
    assert orders.active() == []
    assert read == []
    waiting = make_order("20260105")
    (waiting.directory / "order.json").write_text(json.dumps(asdict(waiting)))
    assert orders.active() == [waiting]


def test_progress_does_not_wait_for_the_disk_but_the_end_of_a_run_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = make_order()
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    orders.write_status(order, Status(state="running", stage="models", year=2026))
    assert synced == []
    orders.write_status(order, Status(state="done"))
    assert len(synced) == 2


def test_definitions_are_built_once_and_again_for_a_new_scenario(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    built: list[list[str]] = []
    launched: list[object] = []

    def build(scenarios: list[str], progress: object) -> object:
        built.append(scenarios)
        return tuple(scenarios)

    monkeypatch.setattr("orchestrator.definitions.build_definitions", build)
    monkeypatch.setattr(
        "orchestrator.launch.launch",
        lambda request, plan, progress, definitions: launched.append(definitions),
    )
    definitions = worker.LoadedDefinitions()
    definitions.load(["baseline", "high_growth"])
    for scenario in ("baseline", "high_growth", "younger", "baseline"):
        plan = RunPlan(scenario, 2025, 2025, 2026, continues=None)
        definitions.launch(RunRequest(scenario=scenario), plan, Silence())
    assert built == [["baseline", "high_growth"], ["baseline", "high_growth", "younger"]]
    assert [len(definitions) for definitions in launched] == [2, 2, 3, 3]


def test_cancelling_stops_the_worker_of_a_running_order(monkeypatch: pytest.MonkeyPatch) -> None:
    order = make_order()
    orders.write_status(order, Status(state="running"))
    stopped = []
    monkeypatch.setattr(worker_process, "is_running", lambda: True)
    monkeypatch.setattr(worker_process, "ensure_running", lambda: None)
    monkeypatch.setattr(worker_process, "stop", lambda: stopped.append(True))
    orders.cancel(order)
    assert stopped == [True]
    assert orders.status(order).state == "cancelled"


def publish_a_run_begun_at(started_at: str, run_id: str = "new") -> None:
    names = {name: name for name in RunIdentity.__dataclass_fields__}
    identity = RunIdentity(
        **{**names, "scenario_id": "baseline", "run_id": run_id, "started_at": started_at}
    )
    work = home.work_directory() / run_id
    work.mkdir()
    duckdb.connect(str(work / DATABASE_NAME)).close()
    publish(work, identity, (2025, 2026), 1.0, "2026-01-01T00:00:09.000+00:00")


@pytest.mark.parametrize(
    ("begun", "state", "run_id"),
    [
        ("2026-01-01T00:00:03+00:00", "done", "new"),
        ("2026-01-01T00:00:01+00:00", "cancelled", None),
    ],
)
def test_a_run_that_published_before_it_was_stopped_is_done(
    monkeypatch: pytest.MonkeyPatch, begun: str, state: str, run_id: str | None
) -> None:
    order = make_order()
    orders.write_status(order, Status(state="running", started_at="2026-01-01T00:00:02+00:00"))
    monkeypatch.setattr(worker_process, "is_running", lambda: True)
    monkeypatch.setattr(worker_process, "ensure_running", lambda: None)
    monkeypatch.setattr(worker_process, "stop", lambda: publish_a_run_begun_at(begun))
    orders.cancel(order)
    seen = orders.status(order)
    assert (seen.state, seen.run_id) == (state, run_id)
    assert bool(seen.message) == (state == "cancelled")


@pytest.mark.parametrize(
    ("maker", "state", "message"),
    [("some-run", "done", ""), ("another-run", "cancelled", orders.CANCELLED)],
)
def test_a_run_that_was_cancelled_is_as_it_ended_in_dagster(
    monkeypatch: pytest.MonkeyPatch, maker: str, state: str, message: str
) -> None:
    order = replace(make_order(), dagster_url="http://127.0.0.1:9", dagster_run="some-run")
    monkeypatch.setattr(orders, "DAGSTER_ASKED_EVERY", -1)
    monkeypatch.setattr(dagster_server, "terminate", lambda *_: None)

    def seen_when(dagster_status: str) -> Status:
        run = DagsterRun(dagster_status, "2026-01-01", None, (2025, 2026), "", None, None)
        monkeypatch.setattr(dagster_server, "run_status", lambda *_: run)
        return orders.status(order)

    assert seen_when("STARTED").state == "running"
    orders.cancel(order)
    assert seen_when("CANCELING").is_stopping
    publish_a_run_begun_at("2026-01-01T00:00:03+00:00", run_id=new_run_id(maker))
    ended = seen_when("CANCELED")
    assert (ended.state, ended.message) == (state, message)
    assert bool(ended.run_id) == (state == "done")


def test_a_run_whose_process_is_being_started_is_cancelled_before_it_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def answer(url: str, query: str, *, policy: str, **_: object) -> dict[str, object]:
        asked.append(policy)
        refused = {"__typename": "TerminateRunFailure", "run": {"status": "STARTING"}}
        is_safe = policy == "SAFE_TERMINATE"
        return {"terminateRun": refused if is_safe else {"__typename": "TerminateRunSuccess"}}

    monkeypatch.setattr(dagster_server, "_ask", answer)
    dagster_server.terminate("http://127.0.0.1:9", "some-run")
    assert asked == ["SAFE_TERMINATE", "MARK_AS_CANCELED_IMMEDIATELY"]


def test_a_run_that_the_server_cannot_stop_and_does_not_name_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = {"terminateRun": {"__typename": "TerminateRunFailure", "run": None}}
    monkeypatch.setattr(dagster_server, "_ask", lambda *_, **__: refused)
    with pytest.raises(dagster_server.DagsterServerError, match="did not stop run some-run"):
        dagster_server.terminate("http://127.0.0.1:9", "some-run")


@pytest.mark.parametrize(
    ("told", "message"), [("told by the run", "told by the run"), (orders.CRASH, orders.CANCELLED)]
)
def test_a_run_that_ended_before_it_was_stopped_keeps_its_end(
    monkeypatch: pytest.MonkeyPatch, told: str, message: str
) -> None:
    order = make_order()
    orders.write_status(order, Status(state="running", started_at="2026-01-01T00:00:02+00:00"))
    ended = Status(state="failed", message=told)
    monkeypatch.setattr(worker_process, "is_running", lambda: True)
    monkeypatch.setattr(worker_process, "ensure_running", lambda: None)
    monkeypatch.setattr(worker_process, "stop", lambda: orders.write_status(order, ended))
    orders.cancel(order)
    assert orders.status(order).message == message


def test_an_order_becomes_the_request_of_a_run() -> None:
    order = replace(make_order(), seed=7, census="/tmp/people.csv")
    request = order.request()
    assert (request.scenario, request.seed, request.census) == (
        "baseline",
        7,
        Path("/tmp/people.csv"),
    )


def test_a_sound_census_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    generate(50, 7, tmp_path / "people.csv", as_of=date(2024, 12, 31))
    path, report = census_store.add("My people.csv", (tmp_path / "people.csv").read_bytes())
    assert report.accepted_rows == 50
    assert path.name.startswith("My_people_")
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    census_store.use(path)
    assert census_store.in_use() == path
    census_store.use(None)
    assert census_store.in_use() is None


def test_an_upload_is_judged_by_the_scenario_that_will_run(tmp_path: Path) -> None:
    later = tmp_path / "later.yaml"
    later.write_text("scenario_id: later\nsimulation: {start_year: 2027, end_year: 2028}\n")
    text = (
        "employee_id,employee_birth_date,employee_hire_date,employee_gross_compensation\n"
        "A,1990-01-01,2026-05-01,50000\n"
    )
    with pytest.raises(CensusError):
        census_store.add("people.csv", text.encode())
    _, report = census_store.add("people.csv", text.encode(), str(later))
    assert report.accepted_rows == 1


def test_an_upload_that_is_still_checked_is_no_choice_and_a_long_name_is_cut(
    tmp_path: Path,
) -> None:
    generate(50, 7, tmp_path / "people.csv", as_of=date(2024, 12, 31))
    content = (tmp_path / "people.csv").read_bytes()
    path, _ = census_store.add(f"{'x' * 300}.csv", content)
    (path.parent / ".upload-half.csv").write_bytes(content[:500])
    assert census_store.uploads() == [path]


def test_a_deleted_census_is_gone_and_no_longer_chosen(tmp_path: Path) -> None:
    generate(50, 7, tmp_path / "people.csv", as_of=date(2024, 12, 31))
    content = (tmp_path / "people.csv").read_bytes()
    path, _ = census_store.add("people.csv", content)
    census_store.use(path)
    census_store.delete(path)
    assert census_store.uploads() == []
    census_store.add("people.csv", content)
    assert census_store.in_use() is None


def test_a_bad_census_is_reported_by_row_and_not_kept(tmp_path: Path) -> None:
    text = (
        "employee_id,employee_birth_date,employee_hire_date,employee_gross_compensation\n"
        "A,1990-01-01,2020-01-01,50000\nB,1990-01-01,2020-01-01,-5\n"
    )
    with pytest.raises(CensusError) as raised:
        census_store.add("people.csv", text.encode())
    assert raised.value.report is not None
    assert raised.value.report.rejected_rows == 1
    assert census_store.uploads() == []


def test_a_refused_census_is_called_by_the_name_it_was_uploaded_with() -> None:
    with pytest.raises(CensusError) as raised:
        census_store.add("people 2025.csv", b"id,name\n1,a\n")
    assert str(raised.value).startswith("people 2025.csv: required columns missing")


def test_a_bad_census_in_a_run_is_explained_without_the_command_line(tmp_path: Path) -> None:
    header = "employee_id,employee_birth_date,employee_hire_date,employee_gross_compensation\n"
    bad = "".join(f"B{place},1990-01-01,2020-01-01,-5\n" for place in range(30))
    census = tmp_path / "people.csv"
    census.write_text(f"{header}A,1990-01-01,2020-01-01,50000\n{bad}")
    with duckdb.connect() as connection, pytest.raises(CensusError) as raised:
        load_census(connection, census, date(2024, 12, 31), b"key", None, allow_rejects=False)
    said = orders.in_words(str(raised.value))
    assert "10 more." in said
    assert "upload it again on the page Census" in said
    assert "planwise" not in said and "--" not in said


@pytest.mark.parametrize(
    ("name", "dtype", "kind"),
    [
        ("closing_payroll", "float64", "money"),
        ("participation_rate", "float64", "percent"),
        ("margin_percent", "float64", "points"),
        ("hires", "int64", "count"),
        ("value", "float64", "number"),
        ("year", "int64", "plain"),
        ("hired", "datetime64[us]", "day"),
        ("status", "object", "text"),
    ],
)
def test_numbers_are_shown_in_their_unit(name: str, dtype: str, kind: str) -> None:
    assert formats.kind(name, dtype) == kind


def test_text_of_a_csv_is_no_formula_and_numbers_stay_as_they_are() -> None:
    frame = pd.DataFrame(
        {
            "job_title": [
                "=HYPERLINK(A1)",
                "+cmd",
                "-1+1",
                "@SUM(A1)",
                "Clerk = A",
                "-1.00%",
                None,
            ],
            "pay": [-1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0],
            "hired": pd.Timestamp("2020-01-01"),
        }
    )
    assert show.as_csv(frame).decode("utf-8-sig").splitlines() == [
        "job_title,pay,hired",
        "'=HYPERLINK(A1),-1.5,2020-01-01",
        "'+cmd,2.0,2020-01-01",
        "'-1+1,3.0,2020-01-01",
        "'@SUM(A1),4.0,2020-01-01",
        "Clerk = A,5.0,2020-01-01",
        "-1.00%,6.0,2020-01-01",
        ",7.0,2020-01-01",
    ]
    empty = frame.iloc[:0]
    assert show.as_csv(empty).decode("utf-8-sig") == "job_title,pay,hired\n"


def test_money_and_shares_are_written_as_an_analyst_reads_them() -> None:
    assert formats.money(41_703_249.5) == "$41.7 M"
    assert formats.money(12_345_678_901) == "$12.3 B"
    assert formats.money(-1234.4) == "-$1,234"
    assert formats.money(-0.4) == "$0"
    assert formats.count(-0.4) == "0"
    assert formats.percent(0.0345, 2) == "3.45%"
    assert formats.points(-0.0013) == "-0.13 points"
    assert formats.points(-0.00002) == "+0.00 points"
