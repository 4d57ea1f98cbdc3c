"""Plan designs and scenarios as the dashboard writes them."""

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from config import loading
from config.levers import read_levers
from config.loading import SettingsError, load_simulation, plan_design_names, scenario_names
from streamlit_dashboard.editing import design_files, lever_session, scenario_files
from streamlit_dashboard.queries import design_pictures


@pytest.fixture
def own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the settings that a test may write to."""
    directory = tmp_path / "config"
    shutil.copytree(
        loading.CONFIG_DIR, directory, ignore=shutil.ignore_patterns("*.py", "__pycache__")
    )
    monkeypatch.setattr(loading, "CONFIG_DIR", directory)
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path / "home"))
    return directory


@pytest.mark.parametrize("name", plan_design_names())
def test_a_design_that_is_read_and_written_is_the_same_design(own_config: Path, name: str) -> None:
    before = load_simulation(plan_design=name).settings.plan
    design_files.save(design_files.read_design(name), name, name)
    assert load_simulation(plan_design=name).settings.plan == before


def test_an_illegal_design_is_not_written(own_config: Path) -> None:
    design = design_files.read_design("standard_401k")
    design["match"] = {**design["match"], "safe_harbor": "basic"}
    with pytest.raises(SettingsError, match="100% to 3% and 50% to 5%"):
        design_files.save(design, "claims_too_much", "standard_401k")
    assert "claims_too_much" not in plan_design_names()


def test_another_design_is_not_overwritten(own_config: Path) -> None:
    before = design_files.design_file("standard_401k").read_text()
    stretch = design_files.read_design("stretch_match")
    with pytest.raises(SettingsError, match="name = standard_401k: is taken"):
        design_files.save(stretch, "standard_401k", "stretch_match")
    assert design_files.design_file("standard_401k").read_text() == before


@pytest.mark.parametrize("name", ["", "../stretch", "x" * 65])
def test_an_illegal_name_is_refused_without_naming_a_file(own_config: Path, name: str) -> None:
    design = design_files.read_design("standard_401k")
    with pytest.raises(SettingsError, match="1 to 64 letters") as refused:
        design_files.save(design, name, "standard_401k")
    [problem] = refused.value.problems
    assert problem.where == "Save as"


def test_checks_name_the_rule_that_is_broken(own_config: Path) -> None:
    design = design_files.read_design("standard_401k")
    design["vesting"] = {
        **design["vesting"],
        "employer_match": {0: Decimal(0), 5: Decimal(1)},
    }
    [problem] = design_files.check(design).problems
    assert problem.key == "plan.vesting.employer_match"
    assert "411(a)(2)(B)" in problem.rule


def test_the_picture_of_the_match_is_the_formula_of_the_engine() -> None:
    # 50% of the first 6% of pay: 3% of pay from a deferral of 6% on (rules, section 4).
    inputs = load_simulation(plan_design="standard_401k")
    points = design_pictures.match_by_deferral(inputs).set_index("deferral_rate")["match_share"]
    assert points[0.0] == 0
    assert points[0.04] == pytest.approx(0.02)
    assert points[0.06] == points[0.15] == pytest.approx(0.03)


def test_a_cloned_scenario_has_the_settings_and_levers_of_its_source(own_config: Path) -> None:
    scenario_files.clone("high_growth", "faster", "ana")
    source, clone = load_simulation("high_growth"), load_simulation("faster")
    assert clone.settings.simulation == source.settings.simulation
    assert clone.settings.scenario_id == "faster"
    assert [lever.parameter_value for lever in clone.levers] == [
        lever.parameter_value for lever in source.levers
    ]


def lock_a_lever_of_high_growth() -> None:
    with lever_session.levers_path().open("a") as file:
        file.write("high_growth,2026,1,cola_rate,0.03,true,ana,2025-01-01T00:00:00+00:00\n")


def test_a_cloned_or_renamed_scenario_keeps_its_locks(own_config: Path) -> None:
    lock_a_lever_of_high_growth()
    scenario_files.clone("high_growth", "faster", "ben")
    scenario_files.rename("faster", "fastest", "ben")
    assert "faster" not in scenario_names()
    rows = [row for row in read_levers(lever_session.levers_path()).rows if row.is_locked]
    assert [(row.scenario_id, row.parameter_value) for row in rows] == [
        ("high_growth", Decimal("0.03")),
        ("fastest", Decimal("0.03")),
    ]


def test_a_rename_that_cannot_be_finished_leaves_everything_as_it_was(own_config: Path) -> None:
    lock_a_lever_of_high_growth()
    before = scenario_names(), lever_session.levers_path().read_text()
    lever_session.change_log().mkdir()
    with pytest.raises(OSError):
        scenario_files.rename("high_growth", "faster", "ana")
    assert (scenario_names(), lever_session.levers_path().read_text()) == before


def test_a_scenario_is_renamed_archived_and_brought_back(own_config: Path) -> None:
    scenario_files.clone("baseline", "first", "ana")
    scenario_files.rename("first", "second", "ana")
    assert "second" in scenario_names()
    assert "first" not in scenario_names()
    scenario_files.archive("second")
    assert "second" not in scenario_names()
    scenario_files.restore("second")
    assert "second" in scenario_names()


@pytest.mark.parametrize("name", ["baseline", "no blanks", "../outside", ""])
def test_a_taken_or_illegal_name_is_refused(own_config: Path, name: str) -> None:
    with pytest.raises(SettingsError):
        scenario_files.clone("baseline", name, "ana")


def test_the_baseline_stays(own_config: Path) -> None:
    with pytest.raises(SettingsError, match="inherit"):
        scenario_files.archive("baseline")


def test_an_illegal_setting_leaves_the_scenario_as_it_was(own_config: Path) -> None:
    before = scenario_files.scenario_file("high_growth").read_text()
    with pytest.raises(SettingsError):
        scenario_files.change("high_growth", {"workforce.total_termination_rate": Decimal(2)}, None)
    assert scenario_files.scenario_file("high_growth").read_text() == before


def test_a_changed_setting_is_in_force(own_config: Path) -> None:
    scenario_files.change("high_growth", {"simulation.target_growth_rate": Decimal("0.05")}, "qaca")
    settings = load_simulation("high_growth").settings
    assert settings.simulation.target_growth_rate == Decimal("0.05")
    assert settings.plan_design_id == "qaca"


def test_the_name_of_an_archived_scenario_is_not_given_again_with_its_levers(
    own_config: Path,
) -> None:
    scenario_files.clone("baseline", "first", "ana")
    scenario_files.archive("first")
    with pytest.raises(SettingsError, match="archived"):
        scenario_files.clone("baseline", "first", "ana")
    scenario_files.restore("first")
    assert "first" in scenario_names()
