"""A run that fails says which model, check or test failed, and publishes nothing."""

import shutil
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner

from orchestrator import home
from orchestrator.cli import app
from orchestrator.failures import RunFailedError
from orchestrator.launch import _instance
from orchestrator.publishing import NotPublishedError, published_run
from orchestrator.request import RunRequest
from streamlit_dashboard.runs import orders, worker
from streamlit_dashboard.runs.orders import Order
from tests.conftest import planwise
from tests.integration.runs import run


@pytest.fixture
def project_copy(fresh_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the dbt project that a test may break."""
    copy = tmp_path / "dbt"
    shutil.copytree(home.DBT_PROJECT, copy, ignore=shutil.ignore_patterns("target", "logs"))
    monkeypatch.setattr(home, "DBT_PROJECT", copy)
    return copy


def test_failing_model_is_named_with_the_message_of_dbt(
    project_copy: Path, small_census: Path
) -> None:
    model = project_copy / "models" / "intermediate" / "int_year_cohort.sql"
    model.write_text(model.read_text() + "\nLIMIT CAST('not a number' AS INTEGER)\n")
    with pytest.raises(RunFailedError) as failure:
        run(RunRequest(years=(2025, 2025), census=small_census))
    assert "int_year_cohort" in str(failure.value)
    assert "Could not convert string 'not a number' to INT32" in str(failure.value)
    _assert_nothing_published()


def test_failing_invariant_stops_the_run_with_its_numbers(
    project_copy: Path, small_census: Path
) -> None:
    model = project_copy / "models" / "monitoring" / "mon_data_quality.sql"
    model.write_text(f"SELECT * REPLACE (7::BIGINT AS failing_rows) FROM ({model.read_text()})")
    with pytest.raises(RunFailedError, match=r"headcount_solve in 2025: 7 of 1 rows fail"):
        run(RunRequest(years=(2025, 2026), census=small_census))
    _assert_nothing_published()


def test_failing_data_test_blocks_the_publication(project_copy: Path, small_census: Path) -> None:
    test = project_copy / "tests" / "no_hires.sql"
    test.parent.mkdir(exist_ok=True)
    test.write_text("SELECT * FROM {{ ref('fct_yearly_events') }} WHERE event_type = 'hire'")
    with pytest.raises(RunFailedError, match="no_hires: 60 rows fail"):
        run(RunRequest(years=(2025, 2025), census=small_census))
    _assert_nothing_published()


def test_a_file_that_cannot_grow_is_explained_and_leaves_the_result(
    home_with_result: Path, small_census: Path
) -> None:
    before = published_run("baseline")
    arguments = "run", "--years", "2025", "--census", str(small_census)
    refused = planwise(home_with_result, *arguments, largest_file=6_000_000)
    assert refused.returncode == 1
    assert "File too large" in refused.stderr
    assert "Nothing was published" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert published_run("baseline") == before
    assert [entry.name for entry in (home_with_result / "work").iterdir()] == ["writer.lock"]


@pytest.mark.slow
def test_a_log_that_cannot_be_written_is_no_flood_of_tracebacks(
    fresh_home: Path, small_census: Path
) -> None:
    (fresh_home / "logs").mkdir(exist_ok=True)
    (fresh_home / "logs" / "dbt.log").unlink(missing_ok=True)
    (fresh_home / "logs" / "dbt.log").symlink_to("/dev/full")
    done = planwise(fresh_home, "run", "--census", str(small_census), "--years", "2025")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_a_defect_is_one_line_and_its_trace_a_note(
    fresh_home: Path, small_census: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log of an order of the dashboard has both; its page calls it a defect."""
    monkeypatch.delenv("PLANWISE_DEBUG", raising=False)
    monkeypatch.setattr(home, "ssn_key", lambda: 1 // 0)
    arguments = ["run", "--years", "2025", "--census", str(small_census)]
    refused = CliRunner().invoke(app, arguments)
    assert refused.exit_code == 1
    assert "ZeroDivisionError: integer division or modulo by zero\nSet PLANWISE" in refused.output
    assert "Stack Trace" not in refused.output

    order = Order("order", "baseline", "now", "somebody", census=str(small_census))
    order.directory.mkdir(parents=True)
    worker.run(order, worker.LoadedDefinitions())
    assert orders.status(order).message == orders.DEFECT
    assert "in <lambda>" in orders.log_tail(order)


@pytest.mark.parametrize(
    ("name", "content"), [("event_log.db", b""), ("runs.db", b"no database" * 1000)]
)
def test_a_damaged_history_is_named_and_the_advice_helps(
    fresh_home: Path, name: str, content: bytes
) -> None:
    history = home.dagster_home() / "history"
    with _instance():
        pass
    (history / name).write_bytes(content)
    asset = dg.AssetMaterialization("table")
    with pytest.raises(home.HomeError, match=f"{history} is damaged"), _instance() as instance:
        instance.report_runless_asset_event(asset)
    shutil.rmtree(history)
    with _instance() as instance:
        instance.report_runless_asset_event(asset)


def _assert_nothing_published() -> None:
    with pytest.raises(NotPublishedError):
        published_run("baseline")
