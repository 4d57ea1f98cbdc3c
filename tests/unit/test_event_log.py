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
