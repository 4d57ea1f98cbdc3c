"""Plan designs as files: read, check with the rules of a run, save."""

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from config import loading
from config.loading import SettingsError, SimulationInputs, load_simulation, plan_design_names
from config.plan_design import FORMULA_KEYS, PlanDesign, unread_keys
from config.problems import Problem, shown
from config.quantities import ID_PATTERN, ID_RULE
from orchestrator import home


@dataclass(frozen=True)
class Checked:
    """A draft after the rules: its inputs when it is legal, otherwise what is wrong."""

    inputs: SimulationInputs | None
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]


def design_file(name: str) -> Path:
    """The file of a plan design."""
    return loading.CONFIG_DIR / "plan_designs" / f"{name}.yaml"


def read_design(name: str) -> dict[str, Any]:
    """Every key of a plan design, defaults included. Raises `SettingsError`."""
    plan: PlanDesign = load_simulation(plan_design=name).settings.plan
    return plan.model_dump(by_alias=True)


def check(design: Mapping[str, Any]) -> Checked:
    """What the settings, safe-harbor and statutory rules say about a draft."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "draft.yaml"
        path.write_text(as_yaml(design))
        try:
            inputs = load_simulation(plan_design=path)
        except SettingsError as error:
            return Checked(None, error.problems, ())
    return Checked(inputs, (), inputs.warnings)


def save(design: Mapping[str, Any], name: str, opened: str) -> None:
    """Write a legal design, drafted from the design `opened`, under that name or a new one. Raises
    `SettingsError`; nothing is written then."""
    if not re.fullmatch(ID_PATTERN, name):
        raise SettingsError([Problem("Save as", ID_RULE, "name", shown(name))])
    if name != opened and name in plan_design_names():
        rule = "is taken: choose another, or open that design to change it"
        raise SettingsError([Problem("Save as", rule, "name", name)])
    named = {**design, "plan_design_id": name}
    checked = check(named)
    if checked.problems:
        raise SettingsError(checked.problems)
    home.write_atomically(design_file(name), as_yaml(named))


def as_yaml(design: Mapping[str, Any]) -> str:
    """A design as the text of its file; keys that its formulas do not read are left out."""
    plain = _plain(design)
    for section in FORMULA_KEYS:
        for key in unread_keys(section, plain[section]["formula"]):
            plain[section].pop(key, None)
    text = StringIO()
    yaml = YAML()
    yaml.default_flow_style = None
    yaml.width = 200
    yaml.dump(plain, text)
    return text.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        # The shortest text of a float of six places is the decimal itself.
        return int(value) if value == int(value) else float(value)
    return value
