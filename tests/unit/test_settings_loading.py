"""Settings are overlaid in the stated order, and every problem is said with its place."""

from decimal import Decimal
from pathlib import Path

import pytest

from config.loading import (
    SettingsError,
    load_simulation,
    plan_design_names,
    scenario_names,
)


def problems(*overrides: str, **arguments) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        load_simulation(overrides=overrides, **arguments)
    return [str(problem) for problem in raised.value.problems]


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_are_those_of_the_contract():
    settings = load_simulation().settings
    assert (settings.scenario_id, settings.plan_design_id) == ("baseline", "standard_401k")
    assert (settings.simulation.start_year, settings.simulation.end_year) == (2025, 2029)
    assert settings.simulation.random_seed == 42
    assert settings.simulation.target_growth_rate == Decimal("0.03")
    assert settings.workforce.total_termination_rate == Decimal("0.12")
    assert settings.workforce.new_hire_termination_rate == Decimal("0.25")


@pytest.mark.parametrize("scenario", scenario_names())
def test_every_shipped_scenario_loads(scenario):
    assert load_simulation(scenario=scenario).settings.scenario_id == scenario


@pytest.mark.parametrize("design", plan_design_names())
def test_every_shipped_plan_design_loads_without_warning(design):
    inputs = load_simulation(plan_design=design)
    assert inputs.settings.plan_design_id == inputs.settings.plan.plan_design_id == design
    assert inputs.warnings == ()


def test_scenario_overlays_only_the_keys_it_gives(tmp_path):
    file = write(tmp_path / "slow.yaml", "workforce: {total_termination_rate: 0.05}\n")
    settings = load_simulation(scenario=file).settings
    assert settings.scenario_id == "slow"
    assert settings.workforce.total_termination_rate == Decimal("0.05")
    assert settings.workforce.new_hire_termination_rate == Decimal("0.25")


def test_scenario_names_its_plan_design_and_overrides_it(tmp_path):
    file = write(
        tmp_path / "s.yaml",
        "scenario_id: mine\nplan_design_id: stretch_match\nplan: {match: {true_up: false}}\n",
    )
    plan = load_simulation(scenario=str(file)).settings.plan
    assert plan.plan_design_id == "stretch_match"
    assert plan.match.tiers[0].up_to == Decimal("0.12")
    assert plan.match.true_up is False


def test_explicit_plan_design_replaces_the_section_and_warns_of_what_it_drops(tmp_path):
    file = write(tmp_path / "s.yaml", "plan: {match: {true_up: false}}\n")
    inputs = load_simulation(scenario=file, plan_design="stretch_match")
    assert inputs.settings.plan.match.true_up is True
    assert len(inputs.warnings) == 1 and "s.yaml" in inputs.warnings[0]


def test_plan_design_file_names_itself_by_its_stem(tmp_path):
    file = write(tmp_path / "my_plan.yaml", "match: {tiers: [{rate: 1, up_to: 0.04}]}\n")
    settings = load_simulation(plan_design=file).settings
    assert settings.plan_design_id == "my_plan"
    assert settings.plan.vesting.employer_match == "graded_2_6"


def test_years_and_seed_beat_files_and_set_beats_both(tmp_path):
    file = write(tmp_path / "s.yaml", "simulation: {start_year: 2020, random_seed: 1}\n")
    settings = load_simulation(
        file, years=(2026, 2028), seed=7, overrides=["simulation.end_year=2027"]
    ).settings
    assert (settings.simulation.start_year, settings.simulation.end_year) == (2026, 2027)
    assert settings.simulation.random_seed == 7


def test_a_last_year_alone_is_told_without_a_first() -> None:
    with pytest.raises(SettingsError, match=r"--years ending 2010: "):
        load_simulation(years=(None, 2010))


def test_set_is_applied_after_the_plan_design():
    settings = load_simulation(
        plan_design="stretch_match", overrides=["plan.match.tiers.0.rate=0.30"]
    ).settings
    assert settings.plan.match.tiers[0].rate == Decimal("0.30")
    assert settings.plan.match.tiers[0].up_to == Decimal("0.12")


def test_set_of_plan_design_id_puts_that_design_in_force():
    settings = load_simulation(overrides=["plan_design_id=qaca"]).settings
    assert settings.plan_design_id == "qaca"
    assert settings.plan.match.safe_harbor == "qaca"


def test_set_reaches_list_elements_whole_lists_and_null():
    settings = load_simulation(
        overrides=[
            "workforce.age_bands.2.termination_multiplier=1.5",
            "plan.match.tiers=[{rate: 1.0, up_to: 0.03}, {rate: 0.5, up_to: 0.05}]",
            "plan.match.dollar_cap=2000.50",
            "plan.match.dollar_cap=null",
            "plan.vesting.employer_match={0: 0, 1: 0.5, 2: 1}",
        ]
    ).settings
    assert settings.workforce.age_bands[2].termination_multiplier == Decimal("1.5")
    assert [tier.up_to for tier in settings.plan.match.tiers] == [Decimal("0.03"), Decimal("0.05")]
    assert settings.plan.match.dollar_cap is None
    assert settings.plan.vesting.employer_match == {0: 0, 1: Decimal("0.5"), 2: 1}


def test_decimals_are_exact():
    exact = load_simulation(overrides=["limits.assumed_cpi_growth=0.024999"]).settings
    assert str(exact.limits.assumed_cpi_growth) == "0.024999"


def test_a_decimal_finer_than_the_column_is_refused():
    (problem,) = problems("limits.assumed_cpi_growth=0.0249999")
    assert "at most 6 decimal places" in problem


def test_a_vested_share_finer_than_the_events_keep_is_refused():
    found = problems("plan.vesting.employer_match={1: 0.333333, 2: 0.6667, 3: 1}")
    assert any("at most 4 decimal places" in problem for problem in found)


def test_all_problems_are_listed_at_once():
    found = problems(
        "workforce.total_termination_rat=0",
        "plan.match.frequency=anual",
        "simulation.start_year=2013",
        "plan.match.tiers.3.rate=1",
        "nonsense",
    )
    assert len(found) == 5


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("workforce.total_termination_rat=0", "did you mean workforce.total_termination_rate?"),
        ("total_termination_rate=0", "did you mean workforce.total_termination_rate?"),
        ("plan.match.frequency=anual", "did you mean annual?"),
        ("plan.automatic_enrollment.default_rate=6", "write 0.06 for 6%"),
        ("plan.match.tiers.1.rate=1", "has elements 0 to 0"),
        ("plan.match.frequency.x=1", "plan.match.frequency is a single value"),
        ("plan.match=3", "must be a section with the keys formula, tiers"),
        ("simulation.start_year=2064", "must be at most 2063"),
        ("simulation.start_year=2025.5", "must be a whole number"),
        ("simulation.end_year=2024", "must not be before simulation.start_year (2025)"),
        ("behavior.frozen=1", "must be true or false"),
        ("scenario_id=2025", "must be text; put quotes around it"),
        ("scenario_id=a b", "1 to 64 letters, digits, _ or -"),
        ("workforce.hire_months=[1, 2]", "must have at least 12 elements"),
        ("workforce.total_termination_rate=12%", "not 6%"),
        ("workforce.age_bands=none", "must be a list"),
        ("=3", "must be dotted.path=value"),
        ("plan.match.tiers=[{rate: 1", "not readable as YAML"),
    ],
)
def test_a_wrong_override_says_what_to_do(override, says):
    (problem,) = problems(override)
    assert problem.startswith(f"--set {override}")
    assert says in problem


def test_unknown_key_in_a_file_names_file_line_and_nearest_name(tmp_path):
    file = write(tmp_path / "s.yaml", "scenario_id: s\nworkforce:\n  hire_month: [1]\n")
    (problem,) = problems(scenario=file)
    assert problem.startswith(f"{file}, line 3: workforce.hire_month: unknown setting")
    assert "did you mean workforce.hire_months?" in problem


def test_wrong_value_in_a_plan_design_file_names_its_line(tmp_path):
    file = write(tmp_path / "d.yaml", "match:\n  tiers:\n    - {rate: 50, up_to: 0.06}\n")
    (problem,) = problems(plan_design=file)
    assert problem.startswith(f"{file}, line 3: plan.match.tiers.0.rate = 50: must be at most 5")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("workforce: [", "not readable as YAML"),
        ("payroll: {frequency: annual}\npayroll: {frequency: weekly}", "payroll is given twice"),
        ("- a list", "must be a mapping"),
        ("simulation: &s\n  random_seed: 1\n  start_year: *s", "line 3: *s contains itself"),
        ("workforce: [&b {band: *b}]", "*b contains itself"),
        ("\0", "not readable as YAML"),
    ],
)
def test_an_unreadable_file_is_one_clear_message(tmp_path, text, says):
    file = write(tmp_path / "s.yaml", text)
    (problem,) = problems(scenario=file)
    assert str(file) in problem and says in problem


def test_a_heading_with_nothing_under_it_changes_nothing(tmp_path):
    file = write(tmp_path / "baseline.yaml", "workforce:\n#  total_termination_rate: 0.2\n")
    assert load_simulation(file).settings_hash == load_simulation().settings_hash


@pytest.mark.parametrize("argument", ["scenario", "plan_design"])
def test_unknown_name_lists_the_nearest_and_the_available(argument):
    name = {"scenario": "baselin", "plan_design": "qacca"}[argument]
    (problem,) = problems(**{argument: name})
    assert f"did you mean {name[:3]}" in problem
    names = scenario_names() if argument == "scenario" else plan_design_names()
    assert ", ".join(names) in problem


def test_missing_file_says_so(tmp_path):
    (problem,) = problems(scenario=tmp_path / "absent.yaml")
    assert "no such file" in problem


def test_hashes_follow_the_values_and_nothing_else(tmp_path):
    plain = load_simulation()
    same = load_simulation(overrides=["workforce.total_termination_rate=0.120"])
    other = load_simulation(overrides=["workforce.total_termination_rate=0.121"])
    assert plain.settings_hash == same.settings_hash != other.settings_hash
    assert plain.levers_hash == other.levers_hash


def test_canonical_json_validates_back_to_the_same_settings():
    inputs = load_simulation(plan_design="service_graded")
    again = type(inputs.settings).model_validate_json(inputs.settings_json)
    assert again == inputs.settings
