"""The simulation as Dagster assets: one op that builds a range of years of one scenario.

All tables of a year come from one dbt graph and appear together when the result is published, so
they are one multi-asset. Materializations are therefore reported after publication; before it,
the log tells what is built.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt.asset_utils import build_dbt_specs, get_asset_check_key_for_test
from pydantic import Field

from orchestrator.compiled_models import DataTestResult
from orchestrator.dbt_runner import (
    PREVIOUS_YEAR_SOURCE,
    QUALITY_MODEL,
    DbtError,
    DbtProject,
)
from orchestrator.failures import explanation
from orchestrator.partitions import partition_key, scenario_of, scenario_year_partitions
from orchestrator.progress import ModelBuilt, News, Progress, YearDone
from orchestrator.publishing import new_run_id
from orchestrator.quality import EVENT_CHECK, EVENT_LOG, QualityResult
from orchestrator.request import RunRequest
from orchestrator.simulation import SimulationReport, simulate
from orchestrator.translator import SimulationTranslator


class RunConfig(dg.Config):
    """What a run changes against the files under `config/`; all optional."""

    scenario_file: str | None = Field(None, description="YAML file instead of config/scenarios/.")
    plan_design: str | None = Field(None, description="Plan design: a name or a YAML file.")
    census: str | None = Field(None, description="Census file; default: the generated sample.")
    previous_census: str | None = Field(None, description="Earlier census, to report drift.")
    levers: str | None = Field(None, description="Levers file instead of config/comp_levers.csv.")
    seed: int | None = Field(None, description="Random seed.")
    overrides: list[str] = Field([], description="Settings as section.key=value.")
    threads: int | None = Field(None, description="DuckDB threads; default: all cores.")
    allow_rejects: bool = Field(False, description="Run although census rows were rejected.")

    def request(self, scenario: str, years: tuple[int, int]) -> RunRequest:
        """The request for years of a scenario (a partition name)."""
        return RunRequest(
            scenario=self.scenario_file or scenario,
            plan_design=self.plan_design,
            years=years,
            census=_path(self.census),
            previous_census=_path(self.previous_census),
            levers=_path(self.levers),
            seed=self.seed,
            overrides=tuple(self.overrides),
            threads=self.threads,
            allow_rejects=self.allow_rejects,
        )


def simulation_assets(
    project: DbtProject, other_scenarios: Iterable[str] = ()
) -> dg.AssetsDefinition:
    """Every model of the dbt project as an asset, every data test and invariant as its check."""
    manifest = project.manifest()
    translator = SimulationTranslator()
    specs, test_specs = build_dbt_specs(
        translator=translator,
        manifest=manifest,
        select="fqn:*",
        exclude="tag:debug",
        selector="",
        io_manager_key=None,
        project=None,
    )
    test_keys = _test_keys(manifest, translator)
    keys_upstream_first = _upstream_first(specs)

    @dg.multi_asset(
        name="simulation",
        specs=specs,
        check_specs=[
            *test_specs,
            *(
                dg.AssetCheckSpec(name, asset=QUALITY_MODEL, description=description)
                for name, description in project.declared_checks().items()
            ),
            dg.AssetCheckSpec(
                EVENT_CHECK,
                asset=EVENT_LOG,
                description="Events satisfy their typed models (config/events.py).",
            ),
        ],
        partitions_def=scenario_year_partitions(other_scenarios),
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool="duckdb_writer",
    )
    def simulation(
        context: dg.AssetExecutionContext,
        config: RunConfig,
        progress: dg.ResourceParam[Progress],
    ) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult]:
        scenario, first, last = _scenario_years(context)
        run_id = new_run_id(context.run_id)
        report = SimulationReport()
        try:
            published = simulate(
                config.request(scenario, (first, last)),
                project,
                run_id,
                _LoggedProgress(context.log, progress),
                report,
            )
        except Exception as error:
            yield from _check_results(report, {c.check_name for c in report.checks}, test_keys)
            message = explanation(error)
            if message is None:
                raise
            raise dg.Failure(description=message, allow_retries=False) from error
        yield from _check_results(report, [*project.declared_checks(), EVENT_CHECK], test_keys)
        for model in report.models:
            context.add_asset_metadata(
                {"dagster/row_count": model.rows, "seconds": round(model.seconds, 3)},
                asset_key=model.model_name,
                partition_key=partition_key(scenario, model.simulation_year),
            )
        result = {"run_id": published.run_id, "database": dg.MetadataValue.path(published.database)}
        _forget_other_years(context.instance, keys_upstream_first, scenario, published.years)
        for key in keys_upstream_first:
            yield dg.MaterializeResult(asset_key=key, metadata=result)

    return simulation


def _forget_other_years(
    instance: dg.DagsterInstance,
    keys: Iterable[dg.AssetKey],
    scenario: str,
    years: tuple[int, int],
) -> None:
    """A result ends with its last year: later years of the result before it are gone."""
    kept = {partition_key(scenario, year) for year in range(years[0], years[1] + 1)}
    for key in keys:
        of_scenario = {
            partition
            for partition in instance.get_materialized_partitions(key)
            if scenario_of(partition) == scenario
        }
        if gone := sorted(of_scenario - kept):
            instance.wipe_asset_partitions(key, gone)


class _LoggedProgress:
    """Writes the news into Dagster's log, and passes them on to whoever else watches."""

    def __init__(self, log: dg.DagsterLogManager, watcher: Progress) -> None:
        self._log = log
        self._watcher = watcher

    def tell(self, news: News) -> None:
        # Dagster commits each message to disk, so the models of a year share one.
        if isinstance(news, YearDone):
            self._log.info(news.details())
        elif not isinstance(news, ModelBuilt):
            self._log.info(str(news))
        self._watcher.tell(news)


def _scenario_years(context: dg.AssetExecutionContext) -> tuple[str, int, int]:
    keys = [key.keys_by_dimension for key in context.partition_keys]
    scenarios = {key["scenario"] for key in keys}
    years = sorted({int(key["year"]) for key in keys})
    if len(scenarios) != 1 or years != list(range(years[0], years[-1] + 1)):
        raise dg.Failure(
            description=(
                f"One run simulates consecutive years of one scenario, but this one was given "
                f"years {', '.join(map(str, years))} of {', '.join(sorted(scenarios))}. "
                "Launch one scenario at a time, without gaps between the years."
            ),
            allow_retries=False,
        )
    return scenarios.pop(), years[0], years[-1]


def input_specs(project: DbtProject) -> list[dg.AssetSpec]:
    """The tables of settings and census that every run writes itself, as external assets."""
    manifest = project.manifest()
    translator = SimulationTranslator()
    return [
        translator.get_asset_spec(manifest, unique_id, project=None)
        for unique_id, source in manifest["sources"].items()
        if source["source_name"] != PREVIOUS_YEAR_SOURCE
    ]


def _upstream_first(specs: Iterable[dg.AssetSpec]) -> list[dg.AssetKey]:
    graph = {spec.key: {dep.asset_key for dep in spec.deps} - {spec.key} for spec in specs}
    return [key for key in TopologicalSorter(graph).static_order() if key in graph]


def _test_keys(
    manifest: Mapping[str, Any], translator: SimulationTranslator
) -> dict[str, dg.AssetCheckKey]:
    """The check of each data test by its unique id; every test must have one."""
    keys = {}
    for unique_id, node in manifest["nodes"].items():
        if node["resource_type"] != "test":
            continue
        key = get_asset_check_key_for_test(manifest, translator, unique_id, project=None)
        if key is None:
            raise DbtError(
                f"data test {node['name']} concerns several models; name the one to show it on: "
                "config(meta={'dagster': {'ref': {'name': '...'}}})"
            )
        keys[unique_id] = key
    return keys


def _check_results(
    report: SimulationReport, names: Iterable[str], test_keys: Mapping[str, dg.AssetCheckKey]
) -> Iterator[dg.AssetCheckResult]:
    for name in names:
        yield _quality_result(name, [check for check in report.checks if check.check_name == name])
    for result in report.tests:
        yield _test_result(result, test_keys[result.test.unique_id])


def _quality_result(name: str, results: Sequence[QualityResult]) -> dg.AssetCheckResult:
    """One check over all years of the run; a check without rows had nothing to check."""
    failed = [result for result in results if not result.passed]
    blocking = any(result.blocks for result in results)
    years = [
        dg.TableRecord(
            {
                "year": result.simulation_year,
                "checked_rows": result.checked_rows,
                "failing_rows": result.failing_rows,
                "measured": result.measured,
                "expected": result.expected,
                "detail": result.detail,
            }
        )
        for result in results
    ]
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=dg.AssetKey(EVENT_LOG if name == EVENT_CHECK else QUALITY_MODEL),
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if blocking else dg.AssetCheckSeverity.WARN,
        description="\n".join(map(str, failed)) or None,
        metadata={
            "checked_rows": sum(result.checked_rows for result in results),
            "failing_rows": sum(result.failing_rows for result in results),
            **({"years": dg.MetadataValue.table(years)} if years else {}),
        },
    )


def _test_result(result: DataTestResult, key: dg.AssetCheckKey) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=key.name,
        asset_key=key.asset_key,
        passed=result.passed,
        severity=(
            dg.AssetCheckSeverity.ERROR if result.test.blocks else dg.AssetCheckSeverity.WARN
        ),
        description=None if result.passed else str(result),
        metadata={"failing_rows": result.failing_rows, "seconds": round(result.seconds, 3)},
    )


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
