"""Builds the models of the years of a run, as many at a time as there are threads.

What no later year reads, such as reports and checks, is built beside the next year: it sees the
database as it was when its year was whole, so the next year may replace tables under it, and it
gives way to the next year, which others wait for.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from graphlib import TopologicalSorter
from types import TracebackType
from typing import Any, TypeVar

import duckdb

from orchestrator.compiled_models import CompiledModel, build
from orchestrator.database import own_connection
from orchestrator.dbt_runner import ModelFailedError
from orchestrator.performance import ModelRun, count_rows
from orchestrator.progress import ModelBuilt, Progress, YearDone
from orchestrator.quality import read_quality

Result = TypeVar("Result")


@dataclass(frozen=True)
class BuiltModel:
    """A model that was built: wall `seconds`, and when it began."""

    model: CompiledModel
    seconds: float
    started_at: str


class YearBuilder:
    """A context manager; leaving it with an error interrupts what is being built."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        threads: int,
        state_tables: Sequence[str],
        progress: Progress,
    ) -> None:
        self._connection = connection
        self._connection.execute(f"SET threads = {threads}")
        self._state_tables = state_tables
        self._progress = progress
        self._pool = ThreadPoolExecutor(threads)
        self._report_pool = ThreadPoolExecutor(1, initializer=_give_way)
        self._tasks: list[Future[Any]] = []
        self._reports: Future[YearDone] | None = None
        self._open: set[duckdb.DuckDBPyConnection] = set()
        self._opening = threading.Lock()

    def __enter__(self) -> "YearBuilder":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pools = (self._pool, self._report_pool)
        for pool in pools:
            pool.shutdown(wait=False, cancel_futures=True)
        # One interruption is not enough: it passes by a task that is between two statements.
        while error is not None and not all(task.done() for task in self._tasks):
            with self._opening:
                for cursor in self._open:
                    cursor.interrupt()
            time.sleep(0.02)
        # DuckDB ends the process when a connection is closed under a statement.
        for pool in pools:
            pool.shutdown()
        # Those of tasks that never began: open, they would keep the file from being written out.
        for cursor in self._open:
            cursor.close()

    def build(
        self, year: int, models: Sequence[CompiledModel], is_last: bool
    ) -> "Future[YearDone]":
        """Build what the next year stands on, and begin with the rest; its future is the year's.

        Of the last year, build everything. Raises `ModelFailedError`, as the future does.
        """
        state = set(self._state_tables).union(
            *(model.ancestors for model in models if model.name in self._state_tables)
        )
        first = {model.name: model for model in models if is_last or model.name in state}
        graph = TopologicalSorter(
            {name: first.keys() & model.ancestors for name, model in first.items()}
        )
        graph.prepare()
        built: list[BuiltModel] = []
        running: set[Future[BuiltModel]] = set()
        while graph.is_active():
            running |= {
                self._submit(self._pool, self._build_alone, first[name], year, name not in state)
                for name in graph.get_ready()
            }
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                one = future.result()
                built.append(one)
                name = one.model.name
                self._progress.tell(ModelBuilt(year, name, len(built), len(models), one.seconds))
                graph.done(name)
        reports = [model for model in models if model.name not in first]
        self._wait_for_reports()
        cursor = self._cursor()
        cursor.execute("BEGIN TRANSACTION")
        # A transaction sees what was there at its first read.
        cursor.execute("SELECT COUNT(*) FROM inputs.run")
        self._reports = self._submit(
            self._report_pool, self._build_reports, cursor, year, reports, built
        )
        return self._reports

    def _submit(
        self, pool: ThreadPoolExecutor, task: Callable[..., Result], *arguments: Any
    ) -> "Future[Result]":
        submitted = pool.submit(task, *arguments)
        self._tasks.append(submitted)
        return submitted

    def _wait_for_reports(self) -> None:
        """One year's reports at a time: two transactions cannot make or change one table.

        Raises `CancelledError` when they will not be built; when they fail, their future tells.
        """
        if self._reports:
            self._reports.exception()

    def _build_alone(self, model: CompiledModel, year: int, is_report: bool) -> BuiltModel:
        if is_report:
            self._wait_for_reports()
        cursor = self._cursor()
        try:
            cursor.execute("BEGIN TRANSACTION")
            built = _timed_build(cursor, model, year)
            cursor.execute("COMMIT")
        finally:
            self._close(cursor)
        return built

    def _build_reports(
        self,
        cursor: duckdb.DuckDBPyConnection,
        year: int,
        reports: Sequence[CompiledModel],
        built: list[BuiltModel],
    ) -> YearDone:
        try:
            built = built + [_timed_build(cursor, model, year) for model in reports]
            rows = count_rows(cursor, year, [one.model.name for one in built])
            checks = read_quality(cursor, year)
            cursor.execute("COMMIT")
        finally:
            self._close(cursor)
        models = (
            ModelRun(
                year,
                one.model.stage,
                one.model.name,
                rows[one.model.name],
                one.seconds,
                one.started_at,
            )
            for one in built
        )
        return YearDone(year, tuple(models), tuple(checks))

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = own_connection(self._connection)
        with self._opening:
            self._open.add(cursor)
        return cursor

    def _close(self, cursor: duckdb.DuckDBPyConnection) -> None:
        with self._opening:
            self._open.remove(cursor)
        cursor.close()


def _give_way() -> None:
    """Leave the processor to the other threads: on Linux, where a thread has its own priority."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)


def _timed_build(
    connection: duckdb.DuckDBPyConnection, model: CompiledModel, year: int
) -> BuiltModel:
    started_at = datetime.now(UTC).isoformat()
    started = time.monotonic()
    try:
        build(connection, model, year)
    except duckdb.Error as error:
        raise ModelFailedError(model.name, str(error)) from error
    return BuiltModel(model, time.monotonic() - started, started_at)
