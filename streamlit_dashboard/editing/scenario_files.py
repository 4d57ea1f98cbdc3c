"""Scenarios as files: create, clone, rename, archive, change a few settings."""

import re
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from config import loading
from config.levers import BASELINE, copy_levers
from config.loading import SettingsError, load_simulation, scenario_names
from config.problems import Problem
from config.quantities import ID_PATTERN, ID_RULE
from orchestrator import home
from streamlit_dashboard.editing.lever_session import change_log, levers_path
from streamlit_dashboard.runs import orders

ARCHIVE = "archived"
EDITABLE = (
    "simulation.target_growth_rate",
    "workforce.total_termination_rate",
    "workforce.new_hire_termination_rate",
)
"""Settings that the page of scenarios offers; every other one is changed in the file."""


def scenario_file(name: str) -> Path:
    """The file of a scenario."""
    return loading.CONFIG_DIR / "scenarios" / f"{name}.yaml"


def clone(source: str, name: str, who: str) -> None:
    """A new scenario with the settings and the levers of another, locks included. Raises
    `SettingsError`."""
    _copy(source, name, who, move=False)


def rename(old: str, new: str, who: str) -> None:
    """Give a scenario another name, with its levers and their locks. Results keep the old name.
    Raises `SettingsError`."""
    _require_changeable(old)
    _copy(old, new, who, move=True)
    scenario_file(old).unlink()


def archive(name: str) -> None:
    """Take a scenario out of the lists; its file is kept in a folder beside. Raises
    `SettingsError`."""
    _require_changeable(name)
    folder = loading.CONFIG_DIR / "scenarios" / ARCHIVE
    folder.mkdir(exist_ok=True)
    scenario_file(name).replace(folder / f"{name}.yaml")


def archived() -> list[str]:
    """Scenarios that were archived."""
    folder = loading.CONFIG_DIR / "scenarios" / ARCHIVE
    return sorted(path.stem for path in folder.glob("*.yaml"))


def restore(name: str) -> None:
    """Bring an archived scenario back."""
    if name in scenario_names():
        raise _name_problem("is taken: rename the other one first", name)
    folder = loading.CONFIG_DIR / "scenarios" / ARCHIVE
    (folder / f"{name}.yaml").replace(scenario_file(name))


def change(name: str, values: dict[str, Decimal], plan_design: str | None) -> None:
    """Set settings by dotted path, and the plan design. Raises `SettingsError`; the file is then
    as it was."""
    content = _read(name)
    for dotted, value in values.items():
        section, key = dotted.split(".")
        content.setdefault(section, {})[key] = float(value)
    if plan_design is not None:
        content["plan_design_id"] = plan_design
    _write(name, content)


def _write(name: str, content: dict[str, Any]) -> None:
    text = StringIO()
    yaml = YAML()
    yaml.dump(content, text)
    path = scenario_file(name)
    before = path.read_text() if path.exists() else None
    home.write_atomically(path, text.getvalue())
    try:
        load_simulation(name)
    except SettingsError:
        if before is None:
            path.unlink()
        else:
            home.write_atomically(path, before)
        raise


def _read(name: str) -> dict[str, Any]:
    return YAML().load(scenario_file(name).read_text())


def _copy(source: str, name: str, who: str, *, move: bool) -> None:
    _require_new(name)
    content = _read(source)
    content["scenario_id"] = name
    _write(name, content)
    if source == BASELINE:
        # Its levers are inherited.
        return
    try:
        copy_levers(levers_path(), source, name, move=move, changed_by=who, change_log=change_log())
    except (OSError, SettingsError):
        scenario_file(name).unlink()
        raise


def _require_new(name: str) -> None:
    if not re.fullmatch(ID_PATTERN, name):
        raise _name_problem(ID_RULE, name)
    if name in scenario_names():
        raise _name_problem("is taken: choose another", name)
    if name in archived():
        # Its levers are still in the file and would become those of the new scenario.
        raise _name_problem("is that of an archived scenario: choose another", name)


def _name_problem(rule: str, name: str) -> SettingsError:
    return SettingsError([Problem("New scenario", rule, "name", name)])


def _require_changeable(name: str) -> None:
    if name == BASELINE:
        rule = "the other scenarios inherit from it, so it stays"
        raise SettingsError([Problem("Scenario", rule, "name", name)])
    if name in {order.scenario for order in orders.active()}:
        rule = (
            "a run of it waits or is under way, and would fail: wait for its end, or cancel it on "
            "the page Runs"
        )
        raise SettingsError([Problem("Scenario", rule, "name", name)])
