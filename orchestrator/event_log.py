"""Dagster's event log as one SQLite file whose connections stay open."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import dagster as dg
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetEventTagsTable, SqlEventLogStorageTable
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import Connection, Engine, create_engine, event, inspect, select

# Dagster hands over its events one by one unless this is set.
os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "1000")


@dataclass
class _Batch:
    """Events stored in one transaction: its connection, and the latest plan of each asset."""

    connection: Connection
    planned: dict[dg.AssetKey, tuple[dg.EventLogEntry, int]] = field(default_factory=dict)


_batch: ContextVar[_Batch | None] = ContextVar("the batch that is being stored", default=None)


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
        if batch := _batch.get():
            yield batch.connection
            return
        with self._engine.connect() as connection, connection.begin():
            yield connection

    def has_table(self, table_name: str) -> bool:
        with self._connect() as connection:
            return inspect(connection).has_table(table_name)

    def store_event_batch(self, events: Sequence[dg.EventLogEntry]) -> None:
        """Store all events, or none and raise."""
        with self._connect() as connection:
            batch = _Batch(connection)
            token = _batch.set(batch)
            try:
                super().store_event_batch(events)
                for plan in batch.planned.values():
                    super()._store_asset_event(connection, *plan)
            finally:
                _batch.reset(token)

    def _store_asset_event(self, conn: Connection, event: dg.EventLogEntry, event_id: int) -> None:
        # A run plans every partition of an asset, and the last of its plans is what Dagster keeps.
        batch, happened = _batch.get(), event.get_dagster_event()
        if batch and happened.asset_key:
            if happened.is_asset_materialization_planned:
                batch.planned[happened.asset_key] = event, event_id
                return
            if plan := batch.planned.pop(happened.asset_key, None):
                super()._store_asset_event(conn, *plan)
        super()._store_asset_event(conn, event, event_id)

    def _has_asset_key_index_cols_on_connection(self, conn: Connection) -> bool:
        return self._has_asset_key_index_cols

    @cached_property
    def _has_asset_key_index_cols(self) -> bool:
        return self.has_asset_key_index_cols()

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
