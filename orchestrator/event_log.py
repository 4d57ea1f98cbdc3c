"""Dagster's event log as one SQLite file whose connections stay open."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import Any

import dagster as dg
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetEventTagsTable, SqlEventLogStorageTable
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import Connection, Engine, create_engine, event, inspect, select

# Dagster hands over its events one by one unless this is set.
os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "1000")

_batch: ContextVar[Connection | None] = ContextVar("connection of a batch", default=None)


class LocalEventLogStorage(ConsolidatedSqliteEventLogStorage):
    """Named in `dagster.yaml`.

    A run of five years writes some 400 events. Dagster opens a connection for every one and waits
    for the disk, which costs several seconds a run on a busy disk. Here connections are pooled,
    events that come together are one transaction, and SQLite's write-ahead log is flushed when it
    is folded back: a power cut may lose the last events of a log, never a result.
    """

    @cached_property
    def _engine(self) -> Engine:
        engine = create_engine(
            self._conn_string, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
        )
        event.listen(engine, "connect", _flush_rarely)
        return engine

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        if connection := _batch.get():
            yield connection
            return
        with self._engine.connect() as connection, connection.begin():
            yield connection

    def has_table(self, table_name: str) -> bool:
        with self._connect() as connection:
            return inspect(connection).has_table(table_name)

    def store_event_batch(self, events: Sequence[dg.EventLogEntry]) -> None:
        """Store all events, or none and raise."""
        with self._connect() as connection:
            token = _batch.set(connection)
            try:
                super().store_event_batch(events)
            finally:
                _batch.reset(token)

    def wipe_asset_partitions(self, asset_key: dg.AssetKey, partition_keys: Sequence[str]) -> None:
        """Forget the materializations of partitions, which Dagster's own storage does not offer."""
        events, tags = SqlEventLogStorageTable, AssetEventTagsTable
        wiped = select(events.c.id).where(
            events.c.asset_key == asset_key.to_string(), events.c.partition.in_(partition_keys)
        )
        with self.index_connection() as connection:
            connection.execute(tags.delete().where(tags.c.event_id.in_(wiped)))
            connection.execute(events.delete().where(events.c.id.in_(wiped)))
        self.wipe_asset_cached_status(asset_key)

    def dispose(self) -> None:
        self._engine.dispose()
        super().dispose()


def _flush_rarely(connection: Any, _: object) -> None:
    connection.execute("PRAGMA synchronous = NORMAL")
