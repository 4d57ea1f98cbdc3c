"""The version of the rules changes with the rules, and with nothing that has a hash of its own."""

import shutil
from pathlib import Path

import pytest

from orchestrator import code_version as module
from orchestrator import home

OF_THE_CENSUS = [
    "orchestrator/census.py",
    "orchestrator/census_checks.py",
    "orchestrator/census_source.py",
    "orchestrator/prepare.py",
    "orchestrator/sample_census.py",
]
RULES = [
    "config/irs_limits.csv",
    "config/cpi_u_q3.csv",
    "config/schema.py",
    "dbt/macros/match.sql",
    "dbt/models/marts/fct_yearly_events.sql",
    *OF_THE_CENSUS,
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project whose version is asked for."""
    for name in ("config", "dbt/models", "dbt/macros"):
        shutil.copytree(home.PROJECT_ROOT / name, tmp_path / name)
    (tmp_path / "orchestrator").mkdir()
    for name in ("dbt/dbt_project.yml", *OF_THE_CENSUS):
        shutil.copy(home.PROJECT_ROOT / name, tmp_path / name)
    monkeypatch.setattr(module, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(module, "DBT_PROJECT", tmp_path / "dbt")
    return tmp_path


def version() -> str:
    return module.code_version.__wrapped__()


@pytest.mark.parametrize("name", RULES)
def test_a_changed_rule_is_another_version(project: Path, name: str) -> None:
    before = version()
    with (project / name).open("a") as file:
        file.write("\n")
    assert version() != before


@pytest.mark.parametrize("name", ["comp_levers.csv", "simulation_config.yaml"])
def test_saved_levers_and_settings_are_the_same_version(project: Path, name: str) -> None:
    before = version()
    with (project / "config" / name).open("a") as file:
        file.write("\n")
    assert version() == before
