"""dbt inside this process: the project is parsed once, then the models of each year compiled.

A dbt subprocess would parse the project again for every year, because each year changes `--vars`.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestrator import home
from orchestrator.compiled_models import CompiledModel, DataTest, compiled_models
from orchestrator.database import DATABASE_NAME

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

QUALITY_MODEL = "mon_data_quality"

PREVIOUS_YEAR_SOURCE = "previous_year"

# Parsing must see the same variables each time, or dbt gives up its cache of the parsed project.
_PARSE_ENVIRONMENT = {"PLANWISE_DB": DATABASE_NAME, "PLANWISE_THREADS": "1"}


class DbtError(Exception):
    """dbt could not parse or run the project; the message is dbt's own."""


class ModelFailedError(DbtError):
    """A model failed. `node` names it, the message is that of dbt or of DuckDB."""

    def __init__(self, node: str, message: str) -> None:
        super().__init__(message if node in message else f"{node}: {message}")
        self.node = node


class DbtProject:
    """The parsed project. One invocation at a time: dbt keeps its adapter in process state."""

    def __init__(self, manifest: "Manifest") -> None:
        self._manifest = manifest
        self._compiled: dict[tuple[int, bool], Sequence[CompiledModel]] = {}
        self._compiled_tests: dict[int, Sequence[DataTest]] = {}

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

    def run_models(self, database: Path, year: int, models: Sequence[str]) -> None:
        """Run single models, whose parents must be there. Raises `ModelFailedError`."""
        arguments = ["run", "--fail-fast", "--select", *models, *_common_arguments(year)]
        self._results(arguments, database, threads=1)

    def models(
        self, database: Path, year: int, is_first: bool, threads: int
    ) -> Sequence[CompiledModel]:
        """The models of a year, parents first, compiled on first use and kept.

        `database` has the inputs of a simulation that starts in `year` if `is_first`, else before.
        """
        key = (year, is_first)
        if key not in self._compiled:
            arguments = ["compile", "--exclude", "tag:debug", "resource_type:test"]
            results = self._results([*arguments, *_common_arguments(year)], database, threads)
            self._compiled[key] = compiled_models(
                (result.node.to_dict(), result.node.compiled_code)
                for result in results
                if result.node.resource_type == "model"
            )
        return self._compiled[key]

    def state_tables(self) -> Sequence[str]:
        """The models that the next year reads."""
        sources = self._manifest.sources.values()
        return [source.name for source in sources if source.source_name == PREVIOUS_YEAR_SOURCE]

    def data_tests(self, database: Path, year: int, threads: int) -> Sequence[DataTest]:
        """The data tests of a simulation that ends in `year`, compiled on first use and kept."""
        if year not in self._compiled_tests:
            arguments = ["compile", "--select", "test_type:data", "--exclude", "tag:debug"]
            results = self._results([*arguments, *_common_arguments(year)], database, threads)
            self._compiled_tests[year] = [
                DataTest(
                    result.node.unique_id,
                    result.node.name,
                    result.node.config.severity.lower() == "error",
                    result.node.compiled_code,
                )
                for result in results
            ]
        return self._compiled_tests[year]

    def _results(self, arguments: list[str], database: Path, threads: int) -> Sequence[Any]:
        from dbt.cli.main import dbtRunner

        runner = dbtRunner(manifest=self._manifest)
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
