"""A laboratory for laws that need hundreds of simulations: the compiled SQL, straight on DuckDB.

What a simulation is given are tables of schema `inputs`, so the SQL of a year depends on the year
and on whether it is the first one, and on nothing else. It is compiled once and then executed for
any settings and any census. `test_simulation_lab.py` holds the laboratory against dbt itself.
"""

import csv
import fcntl
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from config.loading import SimulationInputs
from config.tables import write_inputs
from orchestrator.census import load_census
from orchestrator.compiled_models import CompiledModel, build, models_of_run
from orchestrator.database import CATALOG, DATABASE_NAME
from orchestrator.dbt_runner import DbtProject

SSN_KEY = b"a key for made-up people"

Census = Sequence[Mapping[str, Any]]
"""Rows of a census by the column names of the contract; a missing or None value is empty."""

PUBLISHED = (
    "fct_yearly_events",
    "fct_workforce_snapshot",
    "fct_simulation_summary",
    "fct_forfeiture_account",
    "fct_participant_accounts",
    "fct_participant_balance_snapshots",
    "fct_compliance_tests",
    "fct_compliance_corrections",
)
WALL_CLOCK = frozenset({"created_at", "snapshot_created_at"})


class CompiledProject:
    """The models of any year, compiled on first use and kept in `directory` for all processes.

    `directory` also is the PLANWISE_HOME that dbt works in.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._project: DbtProject | None = None
        self._models: dict[tuple[int, bool], Sequence[CompiledModel]] = {}

    def models(self, year: int, is_first: bool) -> Sequence[CompiledModel]:
        """Models of `year` in the order of the graph."""
        key = (year, is_first)
        if key not in self._models:
            self._models[key] = self._kept(*key)
        return self._models[key]

    def models_of_run(self, year: int, first_year: int) -> Sequence[CompiledModel]:
        """The models that a run of `year` executes; genesis models belong to the first year."""
        is_first = year == first_year
        return models_of_run(self.models(year, is_first), is_first)

    def manifest(self) -> Mapping[str, Any]:
        """dbt's manifest of the project."""
        with self._planwise_home():
            return self.parsed().manifest()

    def parsed(self) -> DbtProject:
        """The parsed project, to run what a test needs beside the compiled models."""
        if self._project is None:
            with self._alone("parse"):
                self._project = DbtProject.parse()
        return self._project

    @contextmanager
    def _alone(self, task: str) -> Iterator[None]:
        """Other processes wait: dbt keeps its cache in one file."""
        with (self._directory / f"{task}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _planwise_home(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PLANWISE_HOME", str(self._directory))
            yield

    def _kept(self, year: int, is_first: bool) -> Sequence[CompiledModel]:
        path = self._directory / f"models_{year}_{'first' if is_first else 'later'}.json"
        with self._alone("compile"):
            if not path.exists():
                compiled = self._compile(year, is_first)
                path.write_text(json.dumps([asdict(model) for model in compiled]))
        return [CompiledModel(**model) for model in json.loads(path.read_text())]

    def _compile(self, year: int, is_first: bool) -> Sequence[CompiledModel]:
        with tempfile.TemporaryDirectory() as directory:
            database = Path(directory) / DATABASE_NAME
            _write_what_compiling_reads(database, year, year if is_first else year - 1)
            with self._planwise_home():
                return self.parsed().models(database, year, is_first, threads=1)


def _write_what_compiling_reads(database: Path, year: int, first_year: int) -> None:
    """Compiling asks the database for the first year, and that the year before has been run."""
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"""
            CREATE SCHEMA inputs;
            CREATE TABLE inputs.run AS SELECT 'compile' AS run_id;
            CREATE TABLE inputs.settings AS
            SELECT {first_year} AS simulation__start_year, {year} AS simulation__end_year;
            CREATE TABLE fct_simulation_summary AS SELECT {year - 1} AS simulation_year;
        """)


class Lab:
    """A simulation in memory that can be run again with other settings.

    `connection` is open on the result, with the schemas `main` and `inputs`.
    """

    def __init__(self, project: CompiledProject, inputs: SimulationInputs, census: Census) -> None:
        self._project = project
        self.connection = duckdb.connect()
        self.connection.execute(f"ATTACH ':memory:' AS {CATALOG}; USE {CATALOG}; SET threads = 1")
        self.change(inputs)
        self.connection.execute(
            "CREATE TABLE inputs.run AS SELECT 'lab' AS run_id, 'baseline' AS scenario_id"
        )
        self._load_census(census)

    def __enter__(self) -> "Lab":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def change(self, inputs: SimulationInputs) -> None:
        """Replace settings and levers; what has been simulated stays until a year runs again."""
        self.inputs = inputs
        write_inputs(self.connection, inputs)

    def run(self, years: Iterable[int] | None = None) -> duckdb.DuckDBPyConnection:
        """Run years in order, all of the simulation by default."""
        simulation = self.inputs.settings.simulation
        for year in years or range(simulation.start_year, simulation.end_year + 1):
            for model in self.models(year):
                build(self.connection, model, year)
        return self.connection

    def run_until(self, name: str, year: int) -> None:
        """Run the models of a year up to and including one of them."""
        for model in self.models(year):
            build(self.connection, model, year)
            if model.name == name:
                return
        raise ValueError(f"{name} is no model of {year}")

    def models(self, year: int) -> Sequence[CompiledModel]:
        """The models that a run of `year` executes."""
        return self._project.models_of_run(year, self.inputs.settings.simulation.start_year)

    def genesis_models(self) -> Sequence[CompiledModel]:
        """The models that follow from the inputs alone."""
        first_year = self.inputs.settings.simulation.start_year
        return [model for model in self.models(first_year) if model.is_genesis]

    def digest(self, table: str, year: int, without: frozenset[str] = frozenset()) -> tuple:
        """Equal digests mean equal rows of a year, columns `without` and wall clocks aside."""
        left_out = sorted(
            name
            for (name,) in self.connection.execute(
                "SELECT column_name FROM duckdb_columns() WHERE table_name = ?", [table]
            ).fetchall()
            if name in without | WALL_CLOCK
        )
        exclude = f"EXCLUDE ({', '.join(left_out)})" if left_out else ""
        # Hashes stay inside this process; nothing is drawn from them.
        row = self.connection.execute(f"""
            SELECT COUNT(*), SUM(HASH(kept)), BIT_XOR(HASH(kept))
            FROM (SELECT * {exclude} FROM main.{table} WHERE simulation_year = {year}) AS kept
        """).fetchone()
        assert row is not None
        return row

    def _load_census(self, census: Census) -> None:
        columns = list(dict.fromkeys(column for person in census for column in person))
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "census.csv"
            with path.open("w", newline="") as file:
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                writer.writerows(census)
            settings = self.inputs.settings
            load_census(
                self.connection,
                path,
                as_of=date(settings.simulation.start_year - 1, 12, 31),
                ssn_key=SSN_KEY,
                levels=[level.level_id for level in settings.compensation.job_levels],
                allow_rejects=False,
            )
