"""Settings laid over each other, each value remembering which layer gave it.

Sections merge key by key; everything else (numbers, lists, vesting tables) is replaced whole.
A layer that names `plan_design_id` puts that design in force: section `plan` starts again from the
built-in defaults and the design's file, and the layer's own `plan` keys go on top.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, NamedTuple

from config.plan_design import FORMULA_KEYS, NEUTRAL, PlanDesign, unread_keys
from config.problems import Problem
from config.schema_paths import Keys, all_settings, dotted, fields_of, section_at


class Origin(NamedTuple):
    """Who gave a value: `source` for messages, `layer` for precedence."""

    source: str
    layer: int


class UnusablePath(Exception):
    """A `--set` path that leads nowhere."""

    def __init__(self, key: str, rule: str) -> None:
        super().__init__(rule)
        self.key, self.rule = key, rule


@dataclass
class Layers:
    """The merged tree of settings and the origin of every path in it."""

    tree: dict[str | int, Any] = field(default_factory=dict)
    origins: dict[Keys, Origin] = field(default_factory=dict)
    layer: int = 0

    def add(
        self, values: Mapping[str | int, Any], source: str, lines: Mapping[Keys, int], at: Keys = ()
    ) -> None:
        """Lay one file over what is there; `at` is where its top level belongs."""
        self.layer += 1
        located = {(*at, *path): f"{source}, line {line}" for path, line in lines.items()}
        target = self.tree
        for key in at:
            target = target.setdefault(key, {})
        self._merge(target, values, at, source, located)

    def start_plan(self) -> None:
        """Put the built-in defaults of a plan design in force, forgetting the plan so far."""
        self.layer += 1
        self.replace(
            self.tree, ("plan",), PlanDesign().model_dump(by_alias=True), "plan design defaults", {}
        )

    def set(self, path: Keys, value: Any, source: str) -> None:
        """Apply one `--set`: the caller raises `layer` once for all of them.

        Raises `UnusablePath` when the path does not lead to a setting.
        """
        container: Any = self.tree
        here: Keys = ()
        for key in path[:-1]:
            here = (*here, _key_in(container, key, here))
            container = container[here[-1]]
        there = (*here, _key_in(container, path[-1], here))
        existing = container[there[-1]]
        if isinstance(value, dict) and isinstance(existing, dict) and section_at(there):
            self._merge(existing, value, there, source, {})
        else:
            self.replace(container, there, value, source, {})

    def replace(
        self, container: Any, path: Keys, value: Any, source: str, located: Mapping[Keys, str]
    ) -> None:
        """Put `value` at `path` whole, forgetting where the old value came from."""
        self.origins = {
            known: origin for known, origin in self.origins.items() if not _starts(known, path)
        }
        container[path[-1]] = _copied(value)
        self._record(path, value, source, located)

    def source_of(self, path: Keys) -> str:
        """Source of the latest value at or inside `path`, else of what contains it."""
        inside = [origin for known, origin in self.origins.items() if _starts(known, path)]
        if inside:
            return max(inside, key=lambda origin: origin.layer).source
        containers = (self.origins.get(path[:length]) for length in range(len(path) - 1, 0, -1))
        return next((origin.source for origin in containers if origin), "")

    def clear_unread(self) -> None:
        """Neutralise what an earlier layer gave for a formula that a later layer replaced.

        `--set plan.match.formula=none` on a design with tiers means no match, so the inherited
        tiers go. What the layer that chose the formula, or a later one, gave itself stays, and
        validation refuses it: nobody's setting is dropped in silence.
        """
        plan = self.tree.get("plan")
        for name in FORMULA_KEYS:
            section = plan.get(name) if isinstance(plan, dict) else None
            if not isinstance(section, dict) or not isinstance(section.get("formula"), str):
                continue
            chosen = self._layer(("plan", name, "formula"))
            for key in unread_keys(name, section["formula"]):
                if self._layer(("plan", name, key)) < chosen:
                    section[key] = NEUTRAL[key]

    def _layer(self, path: Keys) -> int:
        return max(
            (o.layer for known, o in self.origins.items() if _starts(known, path)), default=0
        )

    def _merge(
        self,
        target: dict[str | int, Any],
        values: Mapping[str | int, Any],
        at: Keys,
        source: str,
        located: Mapping[Keys, str],
    ) -> None:
        for key, value in values.items():
            path = (*at, key)
            if section_at(path) and value is None and located:
                continue  # a heading whose keys are all commented out says nothing
            if section_at(path) and isinstance(value, dict) and isinstance(target.get(key), dict):
                self._merge(target[key], value, path, source, located)
            else:
                self.replace(target, path, value, source, located)

    def _record(self, path: Keys, value: Any, source: str, located: Mapping[Keys, str]) -> None:
        self.origins[path] = Origin(located.get(path, source), self.layer)
        items: Any = ()
        if isinstance(value, dict):
            items = value.items()
        elif isinstance(value, list | tuple):
            items = enumerate(value)
        for key, item in items:
            self._record((*path, key), item, source, located)


def _starts(path: Keys, with_path: Keys) -> bool:
    return path[: len(with_path)] == with_path


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_copied(item) for item in value]
    return value


def _key_in(container: Any, key: str | int, at: Keys) -> str | int:
    """`key` as `container` spells it; raises `UnusablePath` when it has no such key."""
    wanted = dotted((*at, key))
    if isinstance(container, list):
        index = int(key) if str(key).isdecimal() else -1
        if 0 <= index < len(container):
            return index
        rule = "is empty" if not container else f"has elements 0 to {len(container) - 1}"
        raise UnusablePath(wanted, f"no such element: {dotted(at)} {rule}")
    if not isinstance(container, dict):
        raise UnusablePath(wanted, f"{dotted(at)} is a single value, it has nothing inside")
    if key in container:
        return key
    if str(key).isdecimal() and int(key) in container:
        return int(key)
    section = section_at(at)
    if section and key in fields_of(section):
        container[key] = {} if section_at((*at, key)) else None
        return key
    raise UnusablePath(wanted, unknown_key((*at, key)))


def unknown_key(path: Keys) -> str:
    """What to say of a key that its section does not have; looks for it elsewhere too."""
    at, key = path[:-1], str(path[-1])
    section = section_at(at)
    names = list(fields_of(section)) if section else []
    if close := get_close_matches(key, names, n=1, cutoff=0.6):
        return f"unknown setting; did you mean {dotted((*at, close[0]))}?"
    elsewhere = {str(known[-1]): dotted(known) for known, _ in all_settings()}
    if close := get_close_matches(key, list(elsewhere), n=1, cutoff=0.75):
        return f"unknown setting; did you mean {elsewhere[close[0]]}?"
    return f"unknown setting; {dotted(at) or 'the top level'} has {', '.join(names)}"


def problem_of(error: UnusablePath, source: str) -> Problem:
    """The problem that an unusable `--set` path is."""
    return Problem(source, error.rule, error.key)
