"""No dead knobs: every setting and every lever, moved, changes an output or is refused.

The table of moves is `tests/knobs.py`. An output is a typed column of a published table; columns
that only repeat a setting or a label of the rule at work do not count.
"""

import csv
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from config.lever_resolution import PROMOTION_PARAMETERS
from config.levers import BOUNDS, PARAMETERS
from config.loading import CONFIG_DIR, SettingsError, SimulationInputs, load_simulation
from config.schema import SimulationConfig
from orchestrator.compiled_models import build
from streamlit_dashboard.queries.workforce import CHOICES
from tests.knobs import BASES, KNOBS, LABELS, YEARS, Perturbation, all_knobs, perturbations
from tests.people import everybody
from tests.simulation_lab import PUBLISHED, CompiledProject, Lab

ECHOES = frozenset(
    {
        "event_details",
        "event_payload",
        "event_probability",
        "forfeiture_use",
        "method",
        "parameter_scenario_id",
        "parameter_source",
    }
)
FAST = frozenset(
    {
        "workforce.termination_mode",
        "workforce.tenure_bands.*.termination_multiplier",
        "compensation.compounding",
        "payroll.frequency",
        "behavior.age_bands.*.mean_deferral_rate",
        "plan.eligibility.service_months",
        "plan.match.bands.*.from",
        "plan.nonelective.excess_rate",
        "plan.vesting.service",
        "plan.forfeitures.cash_out_limit",
        "plan.balances.annual_return",
    }
)
LEVER_YEARS, LEVELS = range(2025, 2030), range(1, 6)
FAST_CELLS = {(2026, 2)}

Digests = dict[tuple[str, int], tuple[object, ...]]


def test_every_setting_has_a_move() -> None:
    assert sorted((*KNOBS, *LABELS)) == sorted(all_knobs())


def _sometimes(values: list, is_fast: Callable) -> list:
    return [
        pytest.param(value, marks=() if is_fast(value) else pytest.mark.slow, id=str(value))
        for value in values
    ]


@pytest.mark.parametrize("knob", LABELS)
def test_renaming_changes_what_readers_see(knob: str, compiled_project: CompiledProject) -> None:
    def shown(overrides: tuple[str, ...]) -> object:
        with _lab(compiled_project, _inputs(overrides)) as lab:
            return lab.run(YEARS[:1]).execute(CHOICES).fetchall()

    original = shown(())
    for perturbation in perturbations(knob, _settings_of):
        assert shown(perturbation.all_overrides) != original


@pytest.fixture(scope="module")
def digests_of(compiled_project: CompiledProject) -> Callable[[str], Digests]:
    """Digests of every published table and year of a base scenario."""

    @cache
    def digests(base: str) -> Digests:
        with _lab(compiled_project, _inputs(BASES[base])) as lab:
            lab.run()
            years = range(YEARS[0], YEARS[1] + 1)
            return {(t, y): lab.digest(t, y, ECHOES) for y in years for t in PUBLISHED}

    return digests


@pytest.mark.parametrize("knob", _sometimes(list(KNOBS), FAST.__contains__))
def test_moving_a_setting_changes_an_output_or_is_refused(
    knob: str, compiled_project: CompiledProject, digests_of: Callable[[str], Digests]
) -> None:
    tried = perturbations(knob, _settings_of)
    assert tried, f"{knob}: its base scenario has no such element"
    dead = [
        perturbation
        for perturbation in tried
        if not _is_alive(perturbation, compiled_project, digests_of)
    ]
    assert dead == []


def _is_alive(
    perturbation: Perturbation,
    compiled_project: CompiledProject,
    digests_of: Callable[[str], Digests],
) -> bool:
    try:
        inputs = _inputs(perturbation.all_overrides)
    except SettingsError:
        return perturbation.is_refused
    if perturbation.is_refused:
        return False
    expected = digests_of(perturbation.base)
    simulation = inputs.settings.simulation
    with _lab(compiled_project, inputs) as lab:
        return any(
            _changes(lab, year, expected)
            for year in range(simulation.start_year, simulation.end_year + 1)
        )


def _changes(lab: Lab, year: int, expected: Digests) -> bool:
    """Run the models of a year until a published table differs from what was expected."""
    for model in lab.models(year):
        build(lab.connection, model, year)
        if model.name in PUBLISHED:
            found = lab.digest(model.name, year, ECHOES)
            if found != expected.get((model.name, year)):
                return True
    return False


@pytest.mark.parametrize(
    "cell",
    _sometimes([(y, level) for y in LEVER_YEARS for level in LEVELS], FAST_CELLS.__contains__),
)
def test_moving_a_lever_changes_an_output_of_its_year_or_is_refused(
    cell: tuple[int, int], simulated_until: Callable[[int], tuple[Lab, Digests]], tmp_path: Path
) -> None:
    year, level = cell
    lab, expected = simulated_until(year)
    alive = set()
    for parameter in PARAMETERS:
        try:
            lab.change(_with_lever(tmp_path, year, level, parameter))
        except SettingsError:
            assert level == LEVELS[-1]
            assert parameter in PROMOTION_PARAMETERS
            alive.add(parameter)
            continue
        for model in lab.genesis_models():
            build(lab.connection, model, year)
        if _changes(lab, year, expected):
            alive.add(parameter)
    assert alive == set(PARAMETERS)


@pytest.fixture(scope="module")
def simulated_until(
    compiled_project: CompiledProject,
) -> Iterator[Callable[[int], tuple[Lab, Digests]]]:
    """For each year a simulation that ends with it, to run that year again with other levers."""
    inputs = _lever_inputs(CONFIG_DIR / "comp_levers.csv")
    with ExitStack() as labs:

        @cache
        def run_until(year: int) -> tuple[Lab, Digests]:
            lab = labs.enter_context(_lab(compiled_project, inputs))
            lab.run(range(LEVER_YEARS[0], year + 1))
            return lab, {(table, year): lab.digest(table, year, ECHOES) for table in PUBLISHED}

        yield run_until


def _with_lever(directory: Path, year: int, level: int, parameter: str) -> SimulationInputs:
    """The default levers with one of them moved far, inside its bounds."""
    with (CONFIG_DIR / "comp_levers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    [row] = [
        row
        for row in rows
        if (row["fiscal_year"], row["job_level"], row["parameter_name"])
        == (str(year), str(level), parameter)
    ]
    low, high = BOUNDS[parameter]
    value = Decimal(row["parameter_value"])
    row["parameter_value"] = str(high if high - value > value - low else low)
    path = directory / "comp_levers.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerows(rows)
    return _lever_inputs(path)


def _lever_inputs(levers: Path) -> SimulationInputs:
    years = (LEVER_YEARS[0], LEVER_YEARS[-1])
    base = BASES["hires and promotions at every level"]
    return load_simulation(years=years, levers=levers, overrides=base)


@cache
def _settings_of(base: str) -> SimulationConfig:
    return _inputs(BASES[base]).settings


def _inputs(overrides: tuple[str, ...]) -> SimulationInputs:
    return load_simulation(years=YEARS, overrides=overrides)


def _lab(compiled_project: CompiledProject, inputs: SimulationInputs) -> Lab:
    return Lab(compiled_project, inputs, everybody())
