"""dbt inside this process: the project is parsed once, then invoked year by year.

A dbt subprocess would parse the project again for every year, because each year changes `--vars`.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator import home
from orchestrator.database import DATABASE_NAME

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.base_types import EventMsg

QUALITY_MODEL = "mon_data_quality"

# Parsing must see the same variables each time, or dbt gives up its cache of the parsed project.
_PARSE_ENVIRONMENT = {"PLANWISE_DB": DATABASE_NAME, "PLANWISE_THREADS": "1"}


class DbtError(Exception):
    """dbt could not parse or run the project; the message is dbt's own."""


class ModelFailedError(DbtError):
    """A model or a test failed. `node` names it, the message is dbt's."""

    def __init__(self, node: str, message: str) -> None:
        super().__init__(message if node in message else f"{node}: {message}")
        self.node = node


@dataclass(frozen=True)
class NodeResult:
    """What dbt reports of one model or test.

    `stage` is the folder of a model (`staging`, `marts` …), `seconds` wall time, `failures` the
    failing rows of a test.
    """

    unique_id: str
    name: str
    stage: str
    status: str
    seconds: float
    started_at: str
    message: str
    failures: int


@dataclass(frozen=True)
class NodeFinished:
    """Sent while dbt works, after each model: its place among `total` models of the invocation."""

    name: str
    index: int
    total: int
    seconds: float


class DbtProject:
    """The parsed project. One invocation at a time: dbt keeps its adapter in process state."""

    def __init__(self, manifest: "Manifest") -> None:
        self._manifest = manifest

    @classmethod
    def parse(cls) -> "DbtProject":
        """Parse `dbt/`, or read what has not changed since the last parse from its cache."""
        from dbt.cli.main import dbtRunner

        from orchestrator.dbt_events import drop_debugging
        from orchestrator.dbt_templates import keep_translations

        drop_debugging()
        keep_translations()
        with _environment(_PARSE_ENVIRONMENT):
            outcome = dbtRunner().invoke(["parse", *_common_arguments(simulation_year=0)])
        _raise_interruption(outcome.exception)
        if not outcome.success:
            raise DbtError(f"the dbt project cannot be parsed: {outcome.exception}")
        return cls(outcome.result)

    def manifest(self) -> Mapping[str, Any]:
        """The manifest as dbt writes it to `manifest.json`."""
        return self._manifest.writable_manifest().to_dict(omit_none=False)

    def declared_checks(self) -> Mapping[str, str]:
        """Name and description of each invariant, from the `checks` meta of its model."""
        [model] = [node for node in self._manifest.nodes.values() if node.name == QUALITY_MODEL]
        return model.config.meta["checks"]

    def run_year(
        self,
        database: Path,
        year: int,
        threads: int,
        is_first: bool,
        listener: Callable[[NodeFinished], None],
    ) -> list[NodeResult]:
        """Run the models of one year. Raises `ModelFailedError` at the first that fails.

        Genesis models follow from the inputs alone, or are views: the first year is enough.
        """
        exclude = ["tag:debug"] if is_first else ["tag:debug", "tag:genesis"]
        arguments = ["run", "--fail-fast", "--exclude", *exclude, *_common_arguments(year)]
        return self._invoke(arguments, database, threads, listener)

    def run_models(self, database: Path, year: int, models: Sequence[str]) -> None:
        """Run single models, whose parents must be there. Raises `ModelFailedError`."""
        arguments = ["run", "--fail-fast", "--select", *models, *_common_arguments(year)]
        self._invoke(arguments, database, threads=1, listener=None)

    def compile_models(self, database: Path, year: int) -> dict[str, str]:
        """The SELECT of each model of one year by name, in the order in which a run executes it."""
        arguments = ["compile", "--exclude", "tag:debug", "resource_type:test"]
        results = self._results([*arguments, *_common_arguments(year)], database, 1, None)
        return {
            result.node.name: result.node.compiled_code
            for result in results
            if result.node.resource_type == "model"
        }

    def run_data_tests(self, database: Path, year: int, threads: int) -> list[NodeResult]:
        """Run the data tests over the whole file. Failed tests are results, not exceptions."""
        arguments = ["test", "--select", "test_type:data", "--exclude", "tag:debug"]
        return self._invoke([*arguments, *_common_arguments(year)], database, threads, None)

    def _invoke(
        self,
        arguments: list[str],
        database: Path,
        threads: int,
        listener: Callable[[NodeFinished], None] | None,
    ) -> list[NodeResult]:
        results = map(_node_result, self._results(arguments, database, threads, listener))
        return [result for result in results if not result.unique_id.startswith("operation.")]

    def _results(
        self,
        arguments: list[str],
        database: Path,
        threads: int,
        listener: Callable[[NodeFinished], None] | None,
    ) -> Sequence[Any]:
        from dbt.cli.main import dbtRunner

        callbacks = [_node_listener(listener)] if listener else []
        runner = dbtRunner(manifest=self._manifest, callbacks=callbacks)
        with _environment({"PLANWISE_DB": str(database), "PLANWISE_THREADS": str(threads)}):
            try:
                outcome = runner.invoke(arguments)
            finally:
                _release_database()
        _raise_interruption(outcome.exception)
        if outcome.result is None:
            raise DbtError(str(outcome.exception))
        for result in outcome.result.results:
            if result.status == "error":
                raise ModelFailedError(result.node.name, result.message or "")
        return outcome.result.results


def _raise_interruption(exception: BaseException | None) -> None:
    # dbt catches everything; an interruption (Ctrl-C, or Dagster's own) must go on.
    if exception is not None and not isinstance(exception, Exception):
        raise exception


def _common_arguments(simulation_year: int) -> list[str]:
    target, logs = home.dbt_directories()
    return [
        *("--project-dir", str(home.DBT_PROJECT), "--profiles-dir", str(home.DBT_PROJECT)),
        *("--target-path", str(target), "--log-path", str(logs)),
        *("--vars", f"{{simulation_year: {simulation_year}}}", "--log-level", "none"),
        *("--log-level-file", "info", "--no-use-colors-file", "--no-write-json"),
        # Nothing here asks dbt which tables there are.
        "--no-populate-cache",
    ]


def _release_database() -> None:
    """Close dbt's connection, so that the file can be moved or opened elsewhere.

    dbt-duckdb keeps one environment for the whole process and only forgets it at the end of an
    invocation, which leaves the closing to the garbage collector.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    environment = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
    DuckDBConnectionManager.close_all_connections()


def _node_listener(
    listener: Callable[[NodeFinished], None],
) -> Callable[["EventMsg"], None]:
    def on_event(event: "EventMsg") -> None:
        if event.info.name == "LogModelResult":
            data = event.data
            listener(
                NodeFinished(data.node_info.node_name, data.index, data.total, data.execution_time)
            )

    return on_event


def _node_result(result: Any) -> NodeResult:
    started = [timing.started_at for timing in result.timing if timing.started_at]
    return NodeResult(
        unique_id=result.node.unique_id,
        name=result.node.name,
        stage=result.node.fqn[1],
        status=str(result.status),
        seconds=result.execution_time,
        started_at=min(started).isoformat() if started else "",
        message=result.message or "",
        failures=result.failures or 0,
    )


@contextlib.contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for dbt's profile, which reads nothing else, and restore them."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
