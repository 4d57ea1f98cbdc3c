"""Common random numbers: two simulations differ only where their rules differ.

Every law here is exact on the keyed draws, so a failure is never bad luck.
"""

import csv
import random
from datetime import date
from itertools import product
from pathlib import Path
from statistics import variance

import duckdb
import pytest

from config.loading import CONFIG_DIR, SimulationInputs, load_simulation
from orchestrator.sample_census import generate
from tests.people import everybody
from tests.simulation_lab import PUBLISHED, Census, CompiledProject, Lab

YEARS = (2025, 2026)
NEWCOMER = {
    "employee_id": "A_NEWCOMER",
    "employee_birth_date": date(1984, 5, 6),
    "employee_hire_date": date(2019, 3, 4),
    "employee_gross_compensation": 70_000,
    "level_id": 2,
}
NOBODY_COMES_OR_GOES = (
    "workforce.total_termination_rate=0",
    "workforce.new_hire_termination_rate=0",
    "simulation.target_growth_rate=0",
)
BANDS = [("age_bands", index) for index in range(6)] + [
    ("tenure_bands", index) for index in range(5)
]

Rows = set[tuple[object, ...]]


def test_order_of_census_rows_changes_no_table(compiled_project: CompiledProject) -> None:
    shuffled = everybody()
    random.Random(1).shuffle(shuffled)

    def digests(census: Census) -> list[tuple[object, ...]]:
        with Lab(compiled_project, _inputs(), census) as lab:
            lab.run()
            return [lab.digest(table, year) for table, year in product(PUBLISHED, YEARS)]

    assert digests(shuffled) == digests(everybody())


def test_a_newcomer_changes_no_event_of_the_others(compiled_project: CompiledProject) -> None:
    query = "SELECT * EXCLUDE (created_at) FROM fct_yearly_events WHERE employee_id <> 'A_NEWCOMER'"
    inputs = _inputs(*NOBODY_COMES_OR_GOES)
    without = _rows(compiled_project, inputs, query)
    assert without
    assert _rows(compiled_project, inputs, query, [*everybody(), NEWCOMER]) == without


def test_a_newcomer_changes_no_draw_of_the_others(compiled_project: CompiledProject) -> None:
    """Both solved counts of leavers move by one at most, and with them the last in each queue."""
    # The probability is that of the solved count, which knows the size of the population.
    query = """
        SELECT employee_id, is_new_hire, CAST(person AS VARCHAR)
        FROM (SELECT * EXCLUDE (exit_probability) FROM int_person_year) AS person
        WHERE employee_id <> 'A_NEWCOMER'
    """
    inputs = _inputs("simulation.end_year=2025")
    before = _rows(compiled_project, inputs, query)
    after = _rows(compiled_project, inputs, query, [*everybody(), NEWCOMER])
    assert {person for person, *_ in before} <= {person for person, *_ in after}
    changed = [is_new_hire for _, is_new_hire, _ in before - after]
    assert max(changed.count(True), changed.count(False)) <= 1


@pytest.mark.parametrize("mode", ["exact", "hazard"])
def test_a_newcomer_makes_nobody_else_leave(mode: str, compiled_project: CompiledProject) -> None:
    """As many leave, or are expected to, out of one more person: the others can only stay."""
    inputs = _inputs(f"workforce.termination_mode={mode}", "simulation.end_year=2025")
    query = """
        SELECT employee_id, effective_date, reason FROM fct_yearly_events
        WHERE event_category = 'experienced_termination' AND employee_id <> 'A_NEWCOMER'
    """
    solved = "SELECT experienced_terminations FROM int_workforce_needs"
    bigger = [*everybody(), NEWCOMER]
    assert _rows(compiled_project, inputs, solved) == _rows(
        compiled_project, inputs, solved, bigger
    )
    before = _rows(compiled_project, inputs, query)
    after = _rows(compiled_project, inputs, query, bigger)
    assert after <= before
    assert len(before - after) <= 1


def test_scenarios_that_differ_in_merit_have_the_same_hires_and_exits(
    compiled_project: CompiledProject, tmp_path: Path
) -> None:
    query = """
        SELECT
          simulation_year, employee_id, event_type, event_category, effective_date, reason,
          level_id, employee_age, employee_tenure, event_probability,
          CASE WHEN event_type = 'hire' THEN event_payload END
        FROM fct_yearly_events WHERE event_type IN ('hire', 'termination')
    """
    pay = "SELECT closing_payroll FROM fct_simulation_summary WHERE simulation_year = 2026"
    generous = load_simulation(
        years=YEARS,
        levers=_levers_with_merit(tmp_path / "levers.csv", "generous", "0.09"),
        overrides=("scenario_id=generous",),
    )
    assert _rows(compiled_project, generous, pay) != _rows(compiled_project, _inputs(), pay)
    assert _rows(compiled_project, generous, query) == _rows(compiled_project, _inputs(), query)


def test_more_growth_contains_the_hires_of_less(compiled_project: CompiledProject) -> None:
    query = """
        SELECT * EXCLUDE (event_id, event_probability, created_at) FROM fct_yearly_events
        WHERE event_type = 'hire'
    """
    fewer = _rows(compiled_project, _inputs("simulation.target_growth_rate=0.02"), query)
    more = _rows(compiled_project, _inputs("simulation.target_growth_rate=0.10"), query)
    assert fewer < more


@pytest.mark.parametrize("mode", ["exact", "hazard"])
@pytest.mark.parametrize(("bands", "index"), BANDS)
def test_a_higher_hazard_raises_exits_in_its_cell_and_lowers_them_elsewhere(
    bands: str, index: int, mode: str, compiled_project: CompiledProject
) -> None:
    """Those who left before still leave in the cell; outside it nobody new does."""
    base = (f"workforce.termination_mode={mode}", "simulation.end_year=2025")
    cell = f"workforce.{bands}.{index}"
    name = getattr(_inputs().settings.workforce, bands)[index].band
    column = bands.removesuffix("s")
    inside, outside = (
        f"SELECT employee_id FROM int_person_year WHERE exit_date IS NOT NULL"
        f" AND NOT is_new_hire AND {column} {comparison} '{name}'"
        for comparison in ("=", "<>")
    )
    with _lab(compiled_project, _inputs(*base)) as lab:
        lab.run_until("int_person_year", 2025)
        few_inside, many_outside = _fetched(lab, inside), _fetched(lab, outside)
        lab.change(_inputs(*base, f"{cell}.termination_multiplier=40"))
        lab.run_until("int_person_year", 2025)
        assert _fetched(lab, inside) > few_inside
        assert _fetched(lab, outside) < many_outside


@pytest.mark.parametrize("mode", ["exact", "hazard"])
def test_hazards_decide_who_leaves_when_the_headcount_shrinks(
    mode: str, compiled_project: CompiledProject
) -> None:
    """Without a termination rate the growth target alone asks for exits; under 25 nobody may go."""
    inputs = _inputs(
        "simulation.target_growth_rate=-0.2",
        "workforce.total_termination_rate=0",
        "workforce.age_bands.0.termination_multiplier=0",
        f"workforce.termination_mode={mode}",
    )
    with _lab(compiled_project, inputs) as lab:
        lab.run_until("int_person_year", 2025)
        left = _fetched(
            lab, "SELECT employee_id, age_band FROM int_person_year WHERE exit_date IS NOT NULL"
        )
        solved = _fetched(lab, "SELECT experienced_terminations FROM int_workforce_needs")
    assert "<25" not in {band for _, band in left}
    if mode == "exact":
        assert {(len(left),)} == solved
        first = sorted(person["employee_id"] for person in everybody())[: len(left)]
        assert sorted(employee_id for employee_id, _ in left) != first
    else:
        assert left


@pytest.mark.parametrize("mode", ["exact", "hazard"])
def test_more_exits_than_hazards_allow_block_the_year(
    mode: str, compiled_project: CompiledProject
) -> None:
    spared = (f"workforce.age_bands.{index}.termination_multiplier=0" for index in range(1, 6))
    inputs = _inputs(
        "workforce.total_termination_rate=0.5", f"workforce.termination_mode={mode}", *spared
    )
    with _lab(compiled_project, inputs) as lab:
        lab.run(YEARS[:1])
        failing = _fetched(
            lab,
            "SELECT check_name FROM mon_data_quality WHERE severity = 'error' AND failing_rows > 0",
        )
    assert failing == {("exit_hazards",)}


def test_more_hires_than_ids_can_number_are_refused(compiled_project: CompiledProject) -> None:
    inputs = _inputs("workforce.new_hire_termination_rate=0.99999")
    with (
        _lab(compiled_project, inputs) as lab,
        pytest.raises(duckdb.Error, match="hires in 2025 are more than the 999,999"),
    ):
        lab.run_until("int_person_year", YEARS[0])


@pytest.mark.slow
def test_paired_runs_have_a_twentieth_of_the_variance_of_unpaired_ones(
    compiled_project: CompiledProject, tmp_path: Path
) -> None:
    """Closing payroll at 10.0% and 9.5% terminations, 1,000 people, 30 fixed seeds."""
    path = tmp_path / "census.csv"
    generate(1000, 3, path, as_of=date(2024, 12, 31))
    with path.open(newline="") as file:
        census = list(csv.DictReader(file))
    query = "SELECT SUM(closing_compensation) FROM int_person_year WHERE exit_date IS NULL"
    payroll: dict[tuple[str, int], float] = {}
    rates, seeds = ("0.100", "0.095"), range(1, 31)
    with Lab(compiled_project, _inputs(), census) as lab:
        for rate, seed in product(rates, seeds):
            overrides = {"workforce.total_termination_rate": rate, "simulation.random_seed": seed}
            lab.change(_inputs(*(f"{key}={value}" for key, value in overrides.items())))
            lab.run_until("int_person_year", 2025)
            [(measured,)] = _fetched(lab, query)
            payroll[rate, seed] = float(measured)
    paired = variance(payroll[rates[0], seed] - payroll[rates[1], seed] for seed in seeds)
    unpaired = sum(variance(payroll[rate, seed] for seed in seeds) for rate in rates)
    assert unpaired >= 20 * paired


def _inputs(*overrides: str) -> SimulationInputs:
    return load_simulation(years=YEARS, overrides=overrides)


def _lab(compiled_project: CompiledProject, inputs: SimulationInputs) -> Lab:
    return Lab(compiled_project, inputs, everybody())


def _rows(
    compiled_project: CompiledProject,
    inputs: SimulationInputs,
    query: str,
    census: Census | None = None,
) -> Rows:
    """Rows of a query after a whole simulation, without the scenario's name."""
    with Lab(compiled_project, inputs, census or everybody()) as lab:
        lab.run()
        return _fetched(lab, query)


def _fetched(lab: Lab, query: str) -> Rows:
    return set(lab.connection.execute(query).fetchall())


def _levers_with_merit(path: Path, scenario: str, merit: str) -> Path:
    """The default levers, and rows of `scenario` that change merit_base in every cell."""
    with (CONFIG_DIR / "comp_levers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    changed = [
        row | {"scenario_id": scenario, "parameter_value": merit}
        for row in rows
        if row["parameter_name"] == "merit_base"
    ]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows([*rows, *changed])
    return path
