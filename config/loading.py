"""Loading the settings of a run: files, overlays, overrides, levers.

Later layers win: `simulation_config.yaml` < scenario < plan design < `--years`, `--seed` < `--set`.
A file that names `plan_design_id` puts that design in force, its own `plan` keys on top; an
explicit plan design replaces the whole section `plan`, and a warning names overrides it drops.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from config import yaml_tree
from config.layers import Layers, UnusablePath, problem_of
from config.lever_resolution import EffectiveLever, levers_as_json, resolve_levers
from config.levers import read_levers
from config.plan_rules import design_warnings
from config.problems import Problem, SettingsError, nearest
from config.schema import SimulationConfig, workforce_warnings
from config.validation import validate

__all__ = [
    "CONFIG_DIR",
    "SettingsError",
    "SimulationInputs",
    "load_simulation",
    "plan_design_names",
    "scenario_names",
]

CONFIG_DIR = Path(__file__).parent


@dataclass(frozen=True)
class SimulationInputs:
    """Validated settings and resolved levers of one run.

    The JSON strings are canonical (sorted keys, decimals as strings without trailing zeros); the
    hashes are their SHA-256. `warnings` are findings that do not stop a run.
    """

    settings: SimulationConfig
    levers: tuple[EffectiveLever, ...]
    settings_json: str
    levers_json: str
    warnings: tuple[str, ...] = ()

    @property
    def settings_hash(self) -> str:
        """SHA-256 of `settings_json`, hexadecimal."""
        return _sha256(self.settings_json)

    @property
    def levers_hash(self) -> str:
        """SHA-256 of `levers_json`, hexadecimal."""
        return _sha256(self.levers_json)


def scenario_names() -> list[str]:
    """Scenarios under config/scenarios, sorted."""
    return _names("scenarios")


def plan_design_names() -> list[str]:
    """Plan designs under config/plan_designs, sorted."""
    return _names("plan_designs")


def load_simulation(
    scenario: str | Path = "baseline",
    plan_design: str | Path | None = None,
    years: tuple[int | None, int] | None = None,
    seed: int | None = None,
    levers: Path | None = None,
    overrides: Sequence[str] = (),
) -> SimulationInputs:
    """Load, overlay and validate everything a run is made of.

    `scenario` and `plan_design` are names under config/ or paths of YAML files; `years` is the
    first and last year (first None: as the settings say); `overrides` are `dotted.path=value` with
    the value in YAML. Raises `SettingsError` listing every problem: source, dotted key, value,
    rule.
    """
    problems: list[Problem] = []
    loader = _Loader()
    loader.file(CONFIG_DIR / "simulation_config.yaml")
    loader.scenario(scenario)
    if plan_design is not None:
        loader.plan_design(plan_design)
    loader.command_line(years, seed)
    problems.extend(loader.overrides(overrides))
    plan = loader.layers.tree.get("plan")
    if isinstance(plan, dict) and "plan_design_id" in plan:
        loader.layers.tree["plan_design_id"] = plan["plan_design_id"]
    settings, found = validate(loader.layers)
    problems.extend(found)
    resolved: tuple[EffectiveLever, ...] = ()
    try:
        lever_file = read_levers(Path(levers) if levers else CONFIG_DIR / "comp_levers.csv")
        if settings is not None:
            resolved = resolve_levers(lever_file, settings)
    except SettingsError as error:
        problems.extend(error.problems)
    if problems or settings is None:
        raise SettingsError(problems)
    return SimulationInputs(
        settings,
        resolved,
        settings_as_json(settings),
        levers_as_json(resolved),
        (
            *loader.warnings,
            *workforce_warnings(settings.workforce),
            *design_warnings(settings.plan),
        ),
    )


def settings_as_json(settings: SimulationConfig) -> str:
    """Canonical JSON of the settings."""
    return json.dumps(
        _canonical(settings.model_dump(by_alias=True)), sort_keys=True, separators=(",", ":")
    )


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, Decimal):
        return f"{value.normalize() + 0:f}"
    return value


class _Loader:
    """Adds the layers in order and collects warnings."""

    def __init__(self) -> None:
        self.layers = Layers()
        self.warnings: list[str] = []
        self._plan_overrides: list[str] = []

    def file(self, path: Path, defaults: Mapping[str | int, Any] | None = None) -> None:
        """Lay one settings file over the rest; `defaults` are for keys it leaves out."""
        values, lines = yaml_tree.read(path, source := _shown(path))
        values = {**(defaults or {}), **values}
        design = values.pop("plan_design_id", None)
        if design is not None:
            self._named_design(design, f"{source}, line {lines[('plan_design_id',)]}")
        elif "plan" not in self.layers.tree:
            self.layers.start_plan()
        self.layers.add(values, source, lines)
        if values.get("plan"):
            self._plan_overrides.append(source)

    def scenario(self, scenario: str | Path) -> None:
        """Lay the scenario over the rest."""
        path, name = _located("scenarios", scenario, "--scenario")
        self.file(path, {"scenario_id": path.stem})
        if name is not None:
            self._same_name(("scenario_id",), name)

    def plan_design(self, design: str | Path, where: str = "--plan-design") -> None:
        """Put a plan design in force."""
        path, name = _located("plan_designs", design, where)
        values, lines = yaml_tree.read(path, source := _shown(path))
        for dropped in self._plan_overrides:
            self.warnings.append(
                f"{dropped}: its plan section is replaced by plan design {_shown(path)} ({where})"
            )
        self._plan_overrides = []
        self.layers.start_plan()
        self.layers.add({"plan_design_id": path.stem, **values}, source, lines, ("plan",))
        if name is not None:
            self._same_name(("plan", "plan_design_id"), name)

    def command_line(self, years: tuple[int | None, int] | None, seed: int | None) -> None:
        """Lay --years and --seed over the rest."""
        if years is not None:
            first, last = years
            span, source = {"end_year": last}, f"--years ending {last}"
            if first is not None:
                span, source = {"start_year": first, **span}, f"--years {first}:{last}"
            self.layers.add({"simulation": span}, source, {})
        if seed is not None:
            self.layers.add({"simulation": {"random_seed": seed}}, f"--seed {seed}", {})

    def overrides(self, overrides: Sequence[str]) -> list[Problem]:
        """Apply `--set` arguments in order, as one layer; return those that cannot be applied."""
        problems: list[Problem] = []
        parsed: list[tuple[str, str, Any]] = []
        for text in overrides:
            source = f"--set {text}"
            key, equals, value_text = text.partition("=")
            if not equals or not all(key.strip().split(".")):
                problems.append(Problem(source, "must be dotted.path=value"))
                continue
            try:
                value, _ = yaml_tree.parse(value_text, source)
            except SettingsError as error:
                problems.extend(error.problems)
                continue
            parsed.append((source, key.strip(), value))
        for source, key, value in parsed:
            if key == "plan_design_id":
                self._named_design(value, source)
        self.layers.layer += 1
        for source, key, value in parsed:
            if key == "plan_design_id":
                continue
            try:
                self.layers.set(tuple(key.split(".")), value, source)
            except UnusablePath as error:
                problems.append(problem_of(error, source))
        return problems

    def _named_design(self, design: Any, where: str) -> None:
        if not isinstance(design, str):
            raise SettingsError([Problem(where, "must be the name of a plan design")])
        self.plan_design(design, where)

    def _same_name(self, key: tuple[str, ...], name: str) -> None:
        value: Any = self.layers.tree
        for part in key:
            value = value[part]
        if value != name:
            rule = f"must be {name}, the name of its file"
            raise SettingsError([Problem(self.layers.source_of(key), rule, key[-1], str(value))])


def _names(folder: str) -> list[str]:
    return sorted(path.stem for path in (CONFIG_DIR / folder).glob("*.yaml"))


def _located(folder: str, wanted: str | Path, where: str) -> tuple[Path, str | None]:
    """The file of a scenario or plan design, and its name when it was asked for by name."""
    text = str(wanted)
    if isinstance(wanted, Path) or "/" in text or text.endswith((".yaml", ".yml")):
        path = Path(wanted)
        if not path.is_file():
            raise SettingsError([Problem(f"{where} {text}", "no such file")])
        return path, None
    names = _names(folder)
    if text not in names:
        kind = folder[:-1].replace("_", " ")
        raise SettingsError([Problem(where, f"unknown {kind} {text}; {nearest(text, names)}")])
    return CONFIG_DIR / folder / f"{text}.yaml", text


def _shown(path: Path) -> str:
    if path.is_relative_to(CONFIG_DIR):
        return str(path.relative_to(CONFIG_DIR.parent))
    return str(path)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
