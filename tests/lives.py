"""Test lives: people, a plan and settings written by a test, run through the real models.

A life is a census row. By default nobody leaves, nobody is hired, no pay is raised and every
election stays as the census gives it, so that each number of a life can be checked by hand.
"""

import csv
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from ruamel.yaml import YAML

from config.levers import PARAMETERS, CompLever
from config.loading import SimulationInputs
from orchestrator import home
from orchestrator.compiled_models import build
from orchestrator.database import DATABASE_NAME, open_database
from orchestrator.prepare import load_settings, prepare_database
from orchestrator.quality import QualityError, read_quality
from orchestrator.request import RunRequest
from tests.simulation_lab import CompiledProject

Row = Mapping[str, Any]

STILL: dict[str, Any] = {
    "simulation": {"target_growth_rate": 0},
    "workforce": {"total_termination_rate": 0, "new_hire_termination_rate": 0},
    "payroll": {"frequency": "annual"},
    "behavior": {"frozen": True},
    "plan": {
        "automatic_enrollment": {"enabled": False},
        "escalation": {"enabled": False},
        "match": {"formula": "none"},
        "balances": {"annual_return": 0},
    },
}
"""Settings of a world in which nothing happens that a test does not ask for."""

STANDING: dict[str, Any] = {
    "employee_birth_date": "1985-06-15",
    "employee_hire_date": "2012-03-01",
    "plan_entry_date": "2012-03-01",
    "employee_gross_compensation": 60000,
    "level_id": 1,
}
"""A census row of somebody long in the plan; a life states only what is different."""

HALF_OF_SIX: dict[str, Any] = {"formula": "tiers", "tiers": [{"rate": "0.5", "up_to": "0.06"}]}
"""Settings of a match of half the deferrals up to 6% of pay."""


@dataclass(frozen=True)
class World:
    """Everything one run is made of: people by id, years, settings and levers.

    `settings` are laid over the still world. `levers` are parameter → value for every level, with
    `levels` (level → parameter → value) on top; a parameter left out is 0, except
    `new_hire_salary_adjustment`, which is 1.
    """

    people: Mapping[str, Row]
    years: tuple[int, int]
    settings: Mapping[str, Any] = field(default_factory=dict)
    levers: Mapping[str, Any] = field(default_factory=dict)


def simulate(world: World, directory: Path) -> Path:
    """Run `world` year by year and return its DuckDB file; raise on a failed blocking check.

    Inputs are read as a run reads them, models are the laboratory's (tests/simulation_lab.py).
    """
    request = _written(world, directory)
    database = directory / DATABASE_NAME
    prepare_database(database, request, run_id="lives")
    first, last = world.years
    with open_database(database) as connection:
        connection.execute("SET threads = 1")
        for year in range(first, last + 1):
            for model in _project().models_of_run(year, first):
                build(connection, model, year)
        checks = [
            check for year in range(first, last + 1) for check in read_quality(connection, year)
        ]
    failures = [check for check in checks if check.blocks]
    if failures:
        raise QualityError(failures, database)
    return database


def one_year(people: Mapping[str, Row], settings: Mapping[str, Any], directory: Path) -> Path:
    """`simulate` for people of one year, 2026."""
    return simulate(World(people, (2026, 2026), settings), directory)


def by_key(database: Path, sql: str) -> dict[str, tuple[Any, ...]]:
    """The rows of `sql` by their first column."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return {row[0]: row[1:] for row in connection.sql(sql).fetchall()}


def build_alone(database: Path, model: str, year: int) -> None:
    """Build one model, debug views included, in a prepared or simulated database."""
    _project().parsed().run_models(database, year, [model])


def inputs_of(world: World, directory: Path) -> SimulationInputs:
    """The validated inputs of `world`; raises `SettingsError` for a design that is not legal."""
    return load_settings(_written(world, directory), world.years)


def census_of(world: World) -> list[dict[str, Any]]:
    """The census rows of `world`."""
    return [{"employee_id": life, **STANDING, **row} for life, row in world.people.items()]


def laid_over(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    """`top` over `base`, mappings merged key by key, everything else replaced."""
    merged = dict(base)
    for key, value in top.items():
        below = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        merged[key] = laid_over(below, value) if both else value
    return merged


def _written(world: World, directory: Path) -> RunRequest:
    """The files a run reads."""
    directory.mkdir(parents=True, exist_ok=True)
    scenario, census, levers = (directory / name for name in ("lives.yaml", "c.csv", "levers.csv"))
    settings = laid_over(STILL, world.settings) | {"scenario_id": "lives"}
    YAML().dump(settings, scenario)
    _write_census(census, census_of(world))
    _write_levers(levers, world.levers, world.years[0])
    return RunRequest(scenario=str(scenario), years=world.years, census=census, levers=levers)


def _write_census(path: Path, rows: Sequence[Row]) -> None:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def _write_levers(path: Path, levers: Mapping[str, Any], year: int) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(CompLever.model_fields)
        for level, parameter, value in _lever_values(levers):
            stamp = ("false", "test", "2025-01-01T00:00:00+00:00")
            writer.writerow(("lives", year, level, parameter, value, *stamp))


def _lever_values(levers: Mapping[str, Any]) -> Iterator[tuple[int, str, Any]]:
    for level in range(1, 6):
        values = {"new_hire_salary_adjustment": 1, **levers}
        values |= values.pop("levels", {}).get(level, {})
        for parameter in PARAMETERS:
            top = level == 5 and parameter.startswith("promotion")
            yield level, parameter, 0 if top else values.get(parameter, 0)


@functools.cache
def _project() -> CompiledProject:
    """The project compiled for lives, whose PLANWISE_HOME keeps it (fixture `lives_home`)."""
    return CompiledProject(home.home())
