"""Inputs of a run, written once into its database before any model runs."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from config.loading import SimulationInputs, load_simulation
from config.schema import JobLevel
from config.tables import write_inputs
from orchestrator import home
from orchestrator.census import CensusReport, load_census
from orchestrator.code_version import code_version
from orchestrator.database import open_database
from orchestrator.request import RunRequest

SAMPLE_EMPLOYEES = 5000
SAMPLE_SEED = 42
SAMPLE_CODE = Path(__file__).with_name("sample_census.py")


@dataclass(frozen=True)
class RunIdentity:
    """What makes a result reproducible: equal fields, run id and time aside, give equal rows."""

    run_id: str
    scenario_id: str
    plan_design_id: str
    random_seed: int
    start_year: int
    end_year: int
    settings_hash: str
    census_hash: str
    levers_hash: str
    code_version: str
    started_at: str


@dataclass(frozen=True)
class Prepared:
    """A database with its inputs written; `warnings` are findings about the settings."""

    identity: RunIdentity
    census: CensusReport
    warnings: tuple[str, ...]


def load_settings(request: RunRequest, years: tuple[int | None, int] | None) -> SimulationInputs:
    """Settings and levers of `request`, for a simulation of `years`. Raises `SettingsError`."""
    return load_simulation(
        scenario=request.scenario,
        plan_design=request.plan_design,
        years=years,
        seed=request.seed,
        levers=request.levers,
        overrides=request.overrides,
    )


def prepare_database(path: Path, request: RunRequest, run_id: str) -> Prepared:
    """Write schema `inputs` of the DuckDB file at `path`, which is made when absent.

    `request.years` are here the first and last year of the whole simulation, because the census
    describes 31 December before the first. Raises `SettingsError` and `CensusError`.
    """
    with open_database(path) as connection:
        return write_all_inputs(connection, request, run_id)


def write_all_inputs(
    connection: duckdb.DuckDBPyConnection, request: RunRequest, run_id: str
) -> Prepared:
    """`prepare_database` on an open connection."""
    inputs = load_settings(request, request.years)
    settings = inputs.settings
    write_inputs(connection, inputs)
    census = read_census(connection, request, inputs)
    identity = RunIdentity(
        run_id=run_id,
        scenario_id=settings.scenario_id,
        plan_design_id=settings.plan_design_id,
        random_seed=settings.simulation.random_seed,
        start_year=settings.simulation.start_year,
        end_year=settings.simulation.end_year,
        settings_hash=inputs.settings_hash,
        census_hash=census.census_hash,
        levers_hash=inputs.levers_hash,
        code_version=code_version(),
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    _write_run(connection, identity, inputs)
    return Prepared(identity, census, inputs.warnings)


def read_census(
    connection: duckdb.DuckDBPyConnection, request: RunRequest, inputs: SimulationInputs
) -> CensusReport:
    """Load the census of `request` as of the census date of its settings."""
    settings = inputs.settings
    as_of = settings.simulation.census_date
    return load_census(
        connection,
        request.census or sample_census(as_of, settings.compensation.job_levels),
        as_of=as_of,
        ssn_key=home.ssn_key(),
        levels=[level.level_id for level in settings.compensation.job_levels],
        allow_rejects=request.allow_rejects,
        previous=request.previous_census,
    )


def sample_census(as_of: date, levels: Sequence[JobLevel]) -> Path:
    """The generated sample census as of a day, made on first use.

    Its name changes with the job levels and with the code that makes it.
    """
    made_from = SAMPLE_CODE.read_bytes() + repr(levels).encode()
    version = hashlib.sha256(made_from).hexdigest()[:8]
    name = f"sample_{SAMPLE_EMPLOYEES}_seed{SAMPLE_SEED}_{as_of}_{version}.csv"
    path = home.census_directory() / name
    if not path.exists():
        # Here, because numpy is slow to import and the sample is made once.
        from orchestrator.sample_census import generate

        generate(SAMPLE_EMPLOYEES, SAMPLE_SEED, path, as_of, levels)
    return path


def _write_run(
    connection: duckdb.DuckDBPyConnection, identity: RunIdentity, inputs: SimulationInputs
) -> None:
    connection.execute(
        """
        CREATE OR REPLACE TABLE inputs.run (
          run_id VARCHAR, scenario_id VARCHAR, plan_design_id VARCHAR, random_seed BIGINT,
          start_year INTEGER, end_year INTEGER, settings_hash VARCHAR, census_hash VARCHAR,
          levers_hash VARCHAR, code_version VARCHAR, started_at TIMESTAMPTZ,
          settings_json VARCHAR, levers_json VARCHAR
        )
        """
    )
    values = [
        *asdict(identity).values(),
        inputs.settings_json,
        inputs.levers_json,
    ]
    connection.execute(f"INSERT INTO inputs.run VALUES ({', '.join('?' * len(values))})", values)
