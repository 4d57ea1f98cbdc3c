"""What a run costs against raw DuckDB on the same SQL: `make bench`, or with `--million` too.

Every simulation is a process of its own, so that its memory can be measured. Numbers depend on the
machine; the ratios are what to compare.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from config.loading import load_simulation
from orchestrator.compiled_models import CompiledModel
from orchestrator.database import DATABASE_NAME
from orchestrator.prepare import prepare_database, sample_census
from orchestrator.publishing import published_run
from orchestrator.request import RunRequest
from orchestrator.sample_census import generate
from streamlit_dashboard.runs import orders, worker_process
from tests.simulation_lab import CompiledProject

YEARS = (2025, 2029)
ANNUAL = ("--set", "payroll.frequency=annual")
AS_OF = date(2024, 12, 31)
MEGABYTE = 2**20
LARGEST_MODELS = 12


@dataclass(frozen=True)
class Measured:
    """One process: wall seconds from start to end, and peak memory in bytes."""

    seconds: float
    peak_memory: int


@dataclass(frozen=True)
class SimulationCost:
    """A `planwise run`: the process, seconds until its first model, seconds by model and year."""

    process: Measured
    start_up: float
    models: list[tuple[int, str, float]]


def main() -> None:
    """Run the benchmarks and print their tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--million", action="store_true", help="also simulate 1,000,000 people")
    parser.add_argument("--replay", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.replay:
        _replay(options.replay)
        return
    console = Console(width=110)
    with tempfile.TemporaryDirectory() as directory:
        os.environ["PLANWISE_HOME"] = directory
        home = Path(directory)
        # dbt's cache of the parsed project, as in any run after the first.
        _simulate(home, _census(home, 50))
        small_census = _census(home, 5_000)
        small = _simulate(home, small_census)
        console.print(_start_up(small, _simulate(home, small_census, *ANNUAL)))
        console.print(_relaunches())
        large_census = _census(home, 100_000)
        large = _simulate(home, large_census)
        raw = _raw(home, large_census)
        console.print(_against_raw(large, raw, _simulate(home, large_census, *ANNUAL)))
        console.print(_largest_models(large))
        if options.million:
            million = _simulate(home, _census(home, 1_000_000))
            console.print(_scaling(large, million))


def _census(home: Path, people: int) -> Path:
    path = home / f"census_{people}.csv"
    generate(people, 42, path, AS_OF)
    return path


def _simulate(home: Path, census: Path, *arguments: str) -> SimulationCost:
    started = datetime.now(UTC)
    planwise = str(Path(sys.executable).with_name("planwise"))
    process = _measure([planwise, "run", "--census", str(census), *arguments])
    with duckdb.connect(str(published_run("baseline").database), read_only=True) as connection:
        models = connection.sql(
            "SELECT simulation_year, model_name, seconds FROM main.mon_pipeline_performance"
        ).fetchall()
        (first,) = connection.sql(
            "SELECT epoch(min(started_at)) FROM main.mon_pipeline_performance"
        ).fetchone()
    return SimulationCost(process, first - started.timestamp(), models)


def _raw(home: Path, census: Path) -> Measured:
    """The same SELECTs, executed by DuckDB alone on a file with the same inputs."""
    directory = home / "raw"
    directory.mkdir()
    prepare_database(directory / DATABASE_NAME, RunRequest(years=YEARS, census=census), "raw")
    project = CompiledProject(directory)
    for year in range(YEARS[0], YEARS[1] + 1):
        project.models_of_run(year, YEARS[0])
    return _measure([sys.executable, "-m", "tests.performance.bench", "--replay", str(directory)])


def _replay(directory: Path) -> None:
    project = CompiledProject(directory)
    with duckdb.connect(str(directory / DATABASE_NAME)) as connection:
        existing: set[str] = set()
        for year in range(YEARS[0], YEARS[1] + 1):
            for model in project.models_of_run(year, YEARS[0]):
                connection.execute(_statement(model, existing))
                existing.add(model.name)


def _statement(model: CompiledModel, existing: set[str]) -> str:
    if model.materialized == "yearly" and model.name in existing:
        return f"INSERT INTO main.{model.name} BY NAME {model.select}"
    kind = "VIEW" if model.materialized == "unbound_view" else "TABLE"
    return f"CREATE OR REPLACE {kind} main.{model.name} AS {model.select}"


def _measure(command: list[str]) -> Measured:
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return Measured(time.monotonic() - started, usage.ru_maxrss * 1024)


def _start_up(cost: SimulationCost, annual: SimulationCost) -> Table:
    table = _table("5,000 people, 5 years", "seconds", "target")
    years = YEARS[1] - YEARS[0] + 1
    events = sum(seconds for _, model, seconds in cost.models if model == "fct_yearly_events")
    table.add_row("whole process", f"{cost.process.seconds:.1f}", "14")
    table.add_row("whole process, annual payroll", f"{annual.process.seconds:.1f}", "10")
    table.add_row("start-up, until the first model", f"{cost.start_up:.1f}", "6")
    after_start = cost.process.seconds - cost.start_up
    table.add_row("a year, publication shared out", f"{after_start / years:.2f}", "")
    table.add_row("event log, a year", f"{events / years:.2f}", "0.5")
    return table


def _relaunches() -> Table:
    """What an analyst waits for after Apply: the worker of the dashboard, cold and warm."""
    sample_census(AS_OF, load_simulation().settings.compensation.job_levels)
    table = _table("From Apply to the published result, 5,000 people", "seconds", "target")
    for worker, target in (("cold", "15"), ("warm", "8")):
        started = time.monotonic()
        order = orders.submit("baseline")
        while not orders.status(order).finished:
            time.sleep(0.05)
        seconds = time.monotonic() - started
        table.add_row(f"{worker} worker", f"{seconds:.1f}", target)
        # Whoever asks for another run has looked at this one; Dagster's records are made meanwhile.
        time.sleep(3)
    worker_process.stop()
    return table


def _against_raw(cost: SimulationCost, raw: Measured, annual: SimulationCost) -> Table:
    table = _table("100,000 people, 5 years", "seconds", "ratio to raw", "peak memory")
    process = cost.process
    rows = [
        ("raw DuckDB, the same SQL", raw.seconds, raw.peak_memory),
        ("planwise run, without start-up", process.seconds - cost.start_up, None),
        ("planwise run (targets 90 s, ratio 1.4, 4 GB)", process.seconds, process.peak_memory),
        (
            "annual payroll (targets 40 s, 2 GB)",
            annual.process.seconds,
            annual.process.peak_memory,
        ),
    ]
    for name, seconds, memory in rows:
        table.add_row(
            name,
            f"{seconds:.1f}",
            f"{seconds / raw.seconds:.2f}",
            f"{memory / MEGABYTE:,.0f} MB" if memory else "",
        )
    return table


def _largest_models(cost: SimulationCost) -> Table:
    seconds: dict[str, float] = {}
    for _, model, spent in cost.models:
        seconds[model] = seconds.get(model, 0) + spent
    # dbt works on several models at a time, so these add up to more than the clock shows.
    total = sum(seconds.values())
    table = _table("Largest models, 100,000 people, all years", "seconds", "share")
    for model in sorted(seconds, key=seconds.__getitem__, reverse=True)[:LARGEST_MODELS]:
        spent = seconds[model]
        table.add_row(model, f"{spent:.1f}", f"{spent / total:.0%}")
    return table


def _scaling(large: SimulationCost, million: SimulationCost) -> Table:
    table = _table("1,000,000 people, 5 years", "value", "target")
    factor = million.process.seconds / large.process.seconds / 10
    table.add_row("seconds", f"{million.process.seconds:.0f}", "")
    table.add_row("peak memory, MB", f"{million.process.peak_memory / MEGABYTE:,.0f}", "24,576")
    table.add_row("seconds per person-year, ratio to 100,000", f"{factor:.2f}", "1.3")
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table("", title=title, title_justify="left")
    for column in columns:
        table.add_column(column, justify="right")
    return table


if __name__ == "__main__":
    main()
