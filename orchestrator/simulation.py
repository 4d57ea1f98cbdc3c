"""One run: inputs, years, checks, tests, publication. Every way to run ends up here."""

import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestrator.database import DATABASE_NAME, open_database, write_out
from orchestrator.dbt_runner import QUALITY_MODEL, DbtProject, NodeResult
from orchestrator.performance import ModelRun, count_rows, write_performance
from orchestrator.preflight import RunPlan, assert_same_census, plan_run
from orchestrator.prepare import RunIdentity, write_all_inputs
from orchestrator.progress import (
    InputsLoaded,
    ModelBuilt,
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
    read_quality,
)
from orchestrator.request import RunRequest
from orchestrator.workspace import workspace


class DataTestError(Exception):
    """dbt data tests failed; nothing was published."""


class UndeclaredCheckError(Exception):
    """The model of the checks holds a check that its description does not name."""


@dataclass
class SimulationReport:
    """What a run did. Filled while it works, so that a failed run can still be reported."""

    models: list[ModelRun] = field(default_factory=list)
    checks: list[QualityResult] = field(default_factory=list)
    tests: list[NodeResult] = field(default_factory=list)


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
            with open_database(database) as connection, ThreadPoolExecutor(1) as writer:
                run = _Run(request, plan, project, database, connection, progress, report)
                identity = run.prepare(run_id)
                for year in plan.years:
                    run.simulate_year(year)
                write_performance(connection, identity, report.models)
                # The tests only read, so they need not wait until the disk has it all.
                written = writer.submit(write_out, connection)
                run.test_data()
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

    def simulate_year(self, year: int) -> None:
        """Build the models of a year and read its checks; raise `QualityError` on a failed one."""
        self.progress.tell(StageStarted("models", year))
        nodes = self.project.run_year(
            self.database,
            year,
            self.threads,
            is_first=year == self.plan.first_year,
            listener=lambda node: self.progress.tell(
                ModelBuilt(year, node.name, node.index, node.total, node.seconds)
            ),
        )
        rows = count_rows(self.connection, year, [node.name for node in nodes])
        checks = read_quality(self.connection, year)
        models = [
            ModelRun(year, node.stage, node.name, rows[node.name], node.seconds, node.started_at)
            for node in nodes
        ]
        self.report.models += models
        self.report.checks += checks
        self.progress.tell(YearDone(year, tuple(models), tuple(checks)))
        undeclared = {check.check_name for check in checks} - self.project.declared_checks().keys()
        if undeclared:
            raise UndeclaredCheckError(
                f"checks {', '.join(sorted(undeclared))} are not listed in the meta of "
                f"{QUALITY_MODEL} (its YAML file), so Dagster cannot show them"
            )
        failures = [check for check in checks if check.blocks]
        if failures:
            raise QualityError(failures, self.database)

    def test_data(self) -> None:
        """Run the data tests once over all years; raise `DataTestError` on a failed one."""
        self.progress.tell(StageStarted("data tests"))
        tests = self.project.run_data_tests(self.database, self.plan.last_year, self.threads)
        self.report.tests += tests
        failures = [test for test in tests if test.status == "fail"]
        if failures:
            listed = "\n".join(f"{test.name}: {test.message}" for test in failures)
            raise DataTestError(f"data tests failed:\n{listed}\n{not_published(self.database)}")

    def check_events(self) -> None:
        """Put the log through the typed models; raise `QualityError` on an illegal event."""
        self.progress.tell(StageStarted("typed events"))
        check = check_events(self.connection, self.plan.last_year)
        self.report.checks.append(check)
        if check.blocks:
            raise QualityError([check], self.database)
