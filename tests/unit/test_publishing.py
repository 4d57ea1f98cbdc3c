"""Publication is atomic, results are kept and listed, and a lost file is survived."""

import json
import logging
import shutil
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from orchestrator import home, publishing
from orchestrator.cli import app
from orchestrator.prepare import RunIdentity
from orchestrator.publishing import (
    KEPT_RESULTS,
    DamagedResultError,
    NotPublishedError,
    PublishedRun,
    list_runs,
    publish,
    published_database,
    published_run,
)
from orchestrator.workspace import workspace


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path / "home"))
    return home.home()


def test_a_published_result_is_found_with_its_identity() -> None:
    run = _publish("run_1")
    assert published_run("baseline") == run
    assert published_database("baseline") == run.database
    assert run.database.read_bytes()


def test_the_result_may_be_moved_with_its_home(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _publish("run_1")
    own_home.rename(tmp_path / "elsewhere")
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path / "elsewhere"))
    assert published_database("baseline").is_relative_to(tmp_path / "elsewhere")
    assert published_database("baseline").exists()


@pytest.mark.parametrize("name", ["", "*", "base*", "baselin?", "/etc"])
def test_a_name_that_is_no_scenario_finds_no_result(name: str) -> None:
    _publish("run_1")
    with pytest.raises(NotPublishedError):
        published_run(name)


@pytest.mark.parametrize("step", ["write_atomically", "sync_directory"])
def test_a_failure_between_the_steps_leaves_the_old_result(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _publish("run_1")

    def fail(*_: object) -> None:
        raise OSError("interrupted")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="interrupted"):
        patch.setattr(home, step, fail)
        _publish("run_2")
    assert published_run("baseline") == before
    assert before.database.exists()


def test_the_last_results_are_kept_and_listed_newest_first() -> None:
    names = [f"run_{number}" for number in range(KEPT_RESULTS + 2)]
    for name in names:
        _publish(name)
    assert [run.run_id for run in list_runs("baseline")] == names[::-1][:KEPT_RESULTS]
    assert published_run("baseline").run_id == names[-1]


def test_a_result_is_removed_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(KEPT_RESULTS):
        _publish(f"run_{number}")

    def killed(path: Path) -> None:
        (path / "run.json").unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(shutil, "rmtree", killed)
        _publish("run_9")
    left = {path.name for path in (home.published_directory() / "baseline").iterdir()}
    assert left == {run.run_id for run in list_runs()} | {"current.json"}


def test_a_result_removed_while_results_are_listed_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _publish("run_1")
    kept = _publish("run_2")
    read = publishing._read

    def removed_meanwhile(path: Path) -> PublishedRun:
        if "run_1" in path.parts:
            raise FileNotFoundError(path)
        return read(path)

    monkeypatch.setattr(publishing, "_read", removed_meanwhile)
    assert list_runs() == [kept]


def test_scenarios_do_not_displace_each_other() -> None:
    for number in range(KEPT_RESULTS + 1):
        _publish(f"run_{number}")
    other = _publish("other", scenario_id="high_growth")
    assert published_run("high_growth") == other
    assert {run.identity.scenario_id for run in list_runs()} == {"baseline", "high_growth"}


def test_a_file_deleted_by_hand_gives_way_to_the_newest_left(
    caplog: pytest.LogCaptureFixture,
) -> None:
    older, newer = _publish("run_1"), _publish("run_2")
    newer.database.unlink()
    with caplog.at_level(logging.WARNING):
        assert published_run("baseline") == older
    assert f"{newer.database} was deleted" in caplog.text


def test_nothing_left_says_how_to_make_a_result() -> None:
    run = _publish("run_1")
    shutil.rmtree(run.database.parent)
    with pytest.raises(NotPublishedError, match="planwise run --scenario baseline"):
        published_run("baseline")


@pytest.mark.parametrize("text", ['{"run_id": ', "{}", "[]", "null"])
def test_a_damaged_pointer_is_named_and_the_advice_helps(text: str) -> None:
    run = _publish("run_1")
    pointer = run.database.parent.with_name("current.json")
    pointer.write_text(text)
    shown = CliRunner().invoke(app, ["db"])
    assert shown.exit_code == 1
    assert f"{pointer} does not describe a result" in shown.output
    assert "Delete this file" in shown.output
    pointer.unlink()
    assert published_run("baseline") == run


@pytest.mark.parametrize("key", ["path", "scenario_id"])
def test_a_pointer_without_a_place_is_damaged(key: str) -> None:
    pointer = _publish("run_1").database.parent.with_name("current.json")
    pointer.write_text(json.dumps(json.loads(pointer.read_text()) | {key: None}))
    with pytest.raises(DamagedResultError, match=r"current\.json does not describe a result"):
        published_run("baseline")


def test_a_damaged_old_result_is_left_out_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    damaged = _publish("run_1").database.with_name("run.json")
    damaged.write_text("{")
    kept = _publish("run_2")
    assert published_run("baseline") == kept
    shown = CliRunner().invoke(app, ["runs"])
    assert shown.exit_code == 0
    assert "run_2" in shown.output and "run_1" not in shown.output
    assert f"{damaged} does not describe a result" in caplog.text


def test_a_damaged_pointer_hides_no_result(caplog: pytest.LogCaptureFixture) -> None:
    pointer = _publish("run_1").database.parent.with_name("current.json")
    pointer.write_text("{")
    shown = CliRunner().invoke(app, ["runs"])
    assert shown.exit_code == 0
    assert "run_1" in shown.output
    assert f"{pointer} does not describe a result" in caplog.text


def test_an_old_result_that_cannot_be_removed_does_not_fail_the_new_one(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(KEPT_RESULTS):
        _publish(f"run_{number}")

    def refuse(path: Path) -> None:
        raise PermissionError(path)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", refuse)
        newest = _publish("run_9")
    assert published_run("baseline") == newest
    assert "The old result run_0 was not removed" in caplog.text


def test_runs_are_listed_by_the_file_of_their_scenario(tmp_path: Path) -> None:
    _publish("run_1")
    _publish("run_2", scenario_id="mine")
    file = tmp_path / "any name.yaml"
    file.write_text("scenario_id: mine\n")
    shown = CliRunner().invoke(app, ["runs", "--scenario", str(file)])
    assert shown.exit_code == 0
    assert "run_2" in shown.output and "run_1" not in shown.output


def test_runs_of_a_scenario_without_a_result_are_an_error() -> None:
    _publish("run_1")
    refused = CliRunner().invoke(app, ["runs", "--scenario", "typo"])
    assert refused.exit_code == 1
    assert "There is no published result for scenario typo" in refused.output


def test_the_next_writer_removes_what_dead_runs_left() -> None:
    with workspace("dead", "baseline") as directory:
        (directory / "simulation.duckdb").write_text("half a result")
    with workspace("alive", "baseline") as directory:
        assert list(directory.iterdir()) == []
        assert not directory.with_name("dead").exists()


def _publish(run_id: str, scenario_id: str = "baseline") -> PublishedRun:
    identity = RunIdentity(
        run_id=run_id,
        scenario_id=scenario_id,
        plan_design_id="standard_401k",
        random_seed=42,
        start_year=2025,
        end_year=2026,
        settings_hash="a",
        census_hash="b",
        levers_hash="c",
        code_version="1",
        started_at="2026-01-01T00:00:00+00:00",
    )
    with workspace(run_id, scenario_id) as directory:
        with duckdb.connect(str(directory / "simulation.duckdb")) as connection:
            connection.execute("CREATE TABLE result AS SELECT 1")
        return publish(
            directory, identity, (2025, 2026), 1.5, published_at=f"2026-01-01T00:00:{run_id}"
        )
