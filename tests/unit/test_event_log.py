"""Dagster's event log keeps what a process wrote, also when that process is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.events import (
    AssetMaterializationPlannedData,
    AssetObservationData,
    StepMaterializationData,
)
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetKeyTable, SqlEventLogStorageTable
from sqlalchemy import select

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


def planned(partition: str, run_id: str, timestamp: int) -> dg.EventLogEntry:
    plan = AssetMaterializationPlannedData(dg.AssetKey("table"), partition=partition)
    happened = dg.DagsterEvent.build_asset_materialization_planned_event("job", "step", plan)
    return entry(happened, run_id, timestamp)


def materialized(partition: str, run_id: str, timestamp: int) -> dg.EventLogEntry:
    made = StepMaterializationData(dg.AssetMaterialization("table", partition=partition))
    return entry(of_type(dg.DagsterEventType.ASSET_MATERIALIZATION, made), run_id, timestamp)


def observed(partition: str, run_id: str, timestamp: int) -> dg.EventLogEntry:
    seen = AssetObservationData(dg.AssetObservation("table", partition=partition))
    return entry(of_type(dg.DagsterEventType.ASSET_OBSERVATION, seen), run_id, timestamp)


def of_type(kind: dg.DagsterEventType, data: Any) -> dg.DagsterEvent:
    return dg.DagsterEvent(kind.value, "job", step_key="step", event_specific_data=data)


def entry(happened: dg.DagsterEvent, run_id: str, timestamp: int) -> dg.EventLogEntry:
    return dg.EventLogEntry(
        error_info=None,
        level=10,
        user_message="",
        run_id=run_id,
        timestamp=float(timestamp),
        job_name="job",
        step_key="step",
        dagster_event=happened,
    )


@pytest.mark.parametrize(
    "batch",
    [
        [planned("2025", "first", 1), planned("2026", "first", 2)],
        [planned("2025", "first", 1), materialized("2025", "first", 2)],
        [planned("2025", "first", 1), observed("2025", "first", 2)],
        [materialized("2025", "first", 1), planned("2025", "second", 2)],
    ],
    ids=["planned twice", "planned and made", "planned and seen", "made and planned again"],
)
def test_a_batch_leaves_what_dagster_leaves_event_by_event(
    tmp_path: Path, batch: list[dg.EventLogEntry]
) -> None:
    stored = []
    for storage in (ConsolidatedSqliteEventLogStorage, LocalEventLogStorage):
        log = storage(str(tmp_path / storage.__name__))
        log.store_event_batch(batch)
        with log.index_connection() as connection:
            stored.append(
                [
                    connection.execute(select(table)).mappings().all()
                    for table in (AssetKeyTable, SqlEventLogStorageTable)
                ]
            )
        log.dispose()
    keys, events = stored[0]
    assert len(keys) == 1 and len(events) == len(batch)
    by_dagster, by_ours = (without_creation(tables) for tables in stored)
    assert by_ours == by_dagster


def without_creation(tables: list[Any]) -> list[list[dict[str, Any]]]:
    """The rows without the moment at which they were first written."""
    return [
        [{key: row[key] for key in row if key != "create_timestamp"} for row in table]
        for table in tables
    ]
