"""Dagster's event log keeps what a process wrote, also when that process is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from orchestrator.event_log import LocalEventLogStorage
from orchestrator.home import dagster_home

WRITER = """
import os, signal
import dagster as dg
from orchestrator.home import dagster_home
instance = dg.DagsterInstance.from_config(str(dagster_home()))
instance.report_runless_asset_event(dg.AssetMaterialization("table", metadata={"rows": 7}))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_an_event_outlives_the_process_that_wrote_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path))
    writer = subprocess.run([sys.executable, "-c", WRITER], env=os.environ, check=False)
    assert writer.returncode == -signal.SIGKILL
    with dg.DagsterInstance.from_config(str(dagster_home())) as instance:
        assert isinstance(instance.event_log_storage, LocalEventLogStorage)
        [record] = instance.fetch_materializations(dg.AssetKey("table"), limit=2).records
        assert record.asset_materialization.metadata["rows"].value == 7


def test_a_batch_is_stored_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path))
    messages = [
        dg.EventLogEntry(error_info=None, level=10, user_message=text, run_id="run", timestamp=1.0)
        for text in ("first", "second")
    ]
    with dg.DagsterInstance.from_config(str(dagster_home())) as instance:
        log = instance.event_log_storage
        with pytest.raises(Exception, match="EventLogEntry"):
            log.store_event_batch([*messages, None])
        assert log.get_logs_for_run("run") == []
        log.store_event_batch(messages)
        stored = log.get_logs_for_run("run")
        assert [entry.user_message for entry in stored] == ["first", "second"]
