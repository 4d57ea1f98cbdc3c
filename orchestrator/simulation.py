"""One run: inputs, years, checks, tests, publication. Every way to run ends up here."""

import os
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestrator.compiled_models import CompiledModel, DataTestResult, models_of_run, run_data_test
from orchestrator.database import DATABASE_NAME, open_database, write_out
from orchestrator.dbt_runner import QUALITY_MODEL, DbtProject
from orchestrator.performance import ModelRun, write_performance
from orchestrator.preflight import RunPlan, assert_same_census, plan_run
from orchestrator.prepare import RunIdentity, write_all_inputs
from orchestrator.progress import (
    InputsLoaded,
    Progress,
    Published,
    StageStarted,
    YearDone,
)
from orchestrator.publishing import PublishedRun, publish
from orchestrator.quality import (
    QualityError,
    QualityResult,
    check_events,
    not_published,
)
from orchestrator.request import RunRequest
from orchestrator.workspace import workspace
from orchestrator.year_builder import YearBuilder


class DataTestError(Exception):
    """dbt data tests failed; nothing was published."""


class UndeclaredCheckError(Exception):
    """The model of the checks holds a check that its description does not name."""


@dataclass
class SimulationReport:
    """What a run did. Filled while it works, so that a failed run can still be reported."""

    models: list[ModelRun] = field(default_factory=list)
    checks: list[QualityResult] = field(default_factory=list)
    tests: list[DataTestResult] = field(default_factory=list)


def simulate(
    request: RunRequest,
    project: DbtProject,
    run_id: str,
    progress: Progress,
    report: SimulationReport,
) -> PublishedRun:
    """Simulate the years of `request` and publish the result; fill `report` on the way.

    Nothing is published unless every year, check and test succeeds. Raises `SettingsError`,
    `CensusError`, `PreflightError`, `BusyError`, `ModelFailedError`, `QualityError`,
    `DataTestError`, each with a message for a person.
    """
    started = time.monotonic()
    plan = plan_run(request)
    with workspace(run_id, plan.scenario_id) as directory:
        database = directory / DATABASE_NAME
        try:
            if plan.continues:
                shutil.copyfile(plan.continues.database, database)
            # Open from the inputs to the last check, or each year would pay for opening and for
            # writing every table to its place.
            with open_database(database) as connection, ThreadPoolExecutor(1) as background:
                run = _Run(request, plan, project, database, connection, progress, report)
                identity = run.prepare(run_id)
                run.simulate_years(background)
                write_performance(connection, identity, report.models)
                run.test_data()
                # The disk has time until the events are validated; queries would wait for it.
                written = background.submit(write_out, connection)
                run.check_events()
                progress.tell(StageStarted("publication"))
                # Here a full disk is told.
                written.result()
        except (QualityError, DataTestError):
            # Whole years that somebody will want to look at; the next run removes them.
            raise
        except BaseException:
            shutil.rmtree(directory)
            raise
        published = publish(
            directory,
            identity,
            years=(plan.start_year, plan.last_year),
            duration_seconds=time.monotonic() - started,
            published_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        )
        checks = sum(check.passed for check in report.checks)
        progress.tell(Published(published, checks, len(report.tests)))
    return published


@dataclass
class _Run:
    request: RunRequest
    plan: RunPlan
    project: DbtProject
    database: Path
    connection: duckdb.DuckDBPyConnection
    progress: Progress
    report: SimulationReport

    @property
    def threads(self) -> int:
        return self.request.threads or os.cpu_count() or 1

    def prepare(self, run_id: str) -> RunIdentity:
        """Write the inputs, beside the years of the result that is continued if there is one."""
        self.progress.tell(StageStarted("inputs"))
        whole = replace(self.request, years=(self.plan.start_year, self.plan.last_year))
        prepared = write_all_inputs(self.connection, whole, run_id)
        assert_same_census(self.plan, prepared.identity)
        self.progress.tell(InputsLoaded(prepared.census, prepared.warnings))
        return prepared.identity

    def simulate_years(self, background: Executor) -> None:
        """Build every year and read its checks; raise `QualityError` on a failed one.

        dbt compiles a year while DuckDB works on the one before.
        """
        with YearBuilder(
            self.connection, self.threads, self.project.state_tables(), self.progress
        ) as builder:
            compiled = background.submit(self._models, self.plan.first_year)
            before: Future[YearDone] | None = None
            for year in self.plan.years:
                self.progress.tell(StageStarted("models", year))
                models = compiled.result()
                is_last = year == self.plan.last_year
                if not is_last:
                    compiled = background.submit(self._models, year + 1)
                built = builder.build(year, models, is_last)
                if before:
                    self._finish_year(before.result())
                before = built
            if before:
                self._finish_year(before.result())

    def _models(self, year: int) -> Sequence[CompiledModel]:
        models = self.project.models(
            self.database, year, year == self.plan.start_year, self.threads
        )
        return models_of_run(models, is_first=year == self.plan.first_year)

    def _finish_year(self, built: YearDone) -> None:
        self.report.models += built.models
        self.report.checks += built.checks
        self.progress.tell(built)
        declared = self.project.declared_checks().keys()
        undeclared = {check.check_name for check in built.checks} - declared
        if undeclared:
            raise UndeclaredCheckError(
                f"checks {', '.join(sorted(undeclared))} are not listed in the meta of "
                f"{QUALITY_MODEL} (its YAML file), so Dagster cannot show them"
            )
        failures = [check for check in built.checks if check.blocks]
        if failures:
            raise QualityError(failures, self.database)

    def test_data(self) -> None:
        """Run the data tests once over all years; raise `DataTestError` on a failed one."""
        self.progress.tell(StageStarted("data tests"))
        tests = self.project.data_tests(self.database, self.plan.last_year, self.threads)
        self.report.tests += [run_data_test(self.connection, test) for test in tests]
        failures = [result for result in self.report.tests if result.blocks]
        if failures:
            listed = "\n".join(map(str, failures))
            raise DataTestError(f"data tests failed:\n{listed}\n{not_published(self.database)}")

    def check_events(self) -> None:
        """Put the log through the typed models; raise `QualityError` on an illegal event."""
        self.progress.tell(StageStarted("typed events"))
        check = check_events(self.connection, self.plan.last_year)
        self.report.checks.append(check)
        if check.blocks:
            raise QualityError([check], self.database)
