"""Changes to a scenario's levers before they are saved: undo, copies, locks, bounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from config.lever_resolution import PROMOTION_PARAMETERS, EffectiveLever, resolve_levers
from config.levers import BOUNDS, Cell, LeverFile
from config.loading import load_simulation
from streamlit_dashboard import formats

Key = tuple[int, int, str]
"""Year, level, parameter."""


class RefusedChange(Exception):
    """A change that the rules of the levers do not allow; the message says which."""


@dataclass(frozen=True)
class LeverDraft:
    """The levers in force of one scenario, and changes that are not yet saved.

    Immutable: every change gives a new draft that remembers the one before it. `revision` rises
    when values change other than by the control that shows them.
    """

    scenario: str
    file: LeverFile
    in_force: Mapping[Key, Decimal]
    locked: frozenset[Key]
    top_level: int
    changes: Mapping[Key, Decimal]
    before: LeverDraft | None = None
    revision: int = 0

    @property
    def years(self) -> list[int]:
        return sorted({year for year, _, _ in self.in_force})

    @property
    def levels(self) -> list[int]:
        return sorted({level for _, level, _ in self.in_force})

    def value(self, key: Key) -> Decimal:
        """The drafted value, or the one in force."""
        return self.changes.get(key, self.in_force[key])

    def is_fixed(self, key: Key) -> bool:
        """Whether nobody may change it: locked, or a promotion from the top level."""
        _, level, parameter = key
        at_top = level == self.top_level and parameter in PROMOTION_PARAMETERS
        return at_top or key in self.locked

    def set(self, values: Mapping[Key, Decimal], *, redraw: bool = True) -> LeverDraft:
        """The draft with `values`; raises `RefusedChange` for a locked or illegal one."""
        wanted = {key: value for key, value in values.items() if value != self.value(key)}
        if not wanted:
            return replace(self, revision=self.revision + 1) if redraw else self
        for key, value in wanted.items():
            self._require_legal(key, value)
        merged = {**self.changes, **wanted}
        kept = {key: value for key, value in merged.items() if value != self.in_force[key]}
        return replace(
            self, changes=kept, before=self, revision=self.revision + (1 if redraw else 0)
        )

    def copy_year(self, source: int, targets: Iterable[int]) -> LeverDraft:
        """The values of one year in others; fixed cells stay as they are."""
        return self._set_unfixed(
            {
                (year, level, parameter): self.value((source, level, parameter))
                for year in targets
                for _, level, parameter in self.in_force
            }
        )

    def copy_scenario(self, other: str) -> LeverDraft:
        """The levers in force of another scenario; fixed cells stay as they are."""
        levers = {_key(lever): lever.parameter_value for lever in load_simulation(other).levers}
        return self._set_unfixed({key: levers[key] for key in self.in_force if key in levers})

    def undo(self) -> LeverDraft:
        """The draft before the last change."""
        return self if self.before is None else replace(self.before, revision=self.revision + 1)

    def reset(self) -> LeverDraft:
        """The draft without changes; undo brings them back."""
        return replace(self, changes={}, before=self, revision=self.revision + 1)

    def rebased(self, file: LeverFile) -> LeverDraft:
        """The same changes on `file`, apart from those that it does not allow."""
        fresh = open_draft(self.scenario, file)
        kept = {
            key: value
            for key, value in self.changes.items()
            if key in fresh.in_force and value != fresh.in_force[key] and not fresh.is_fixed(key)
        }
        return replace(fresh, changes=kept, before=self, revision=self.revision + 1)

    def lost_since(self, earlier: LeverDraft) -> list[str]:
        """Names of the levers that `earlier` changed to what they are not in this draft."""
        return [
            _named(key)
            for key, value in sorted(earlier.changes.items())
            if key not in self.in_force or self.value(key) != value
        ]

    def cells(self) -> dict[Cell, Decimal]:
        """The changes as the writer of the levers file takes them."""
        return {Cell(self.scenario, *key): value for key, value in self.changes.items()}

    def _set_unfixed(self, values: Mapping[Key, Decimal]) -> LeverDraft:
        return self.set({key: v for key, v in values.items() if not self.is_fixed(key)})

    def _require_legal(self, key: Key, value: Decimal) -> None:
        _, level, parameter = key
        lever = _named(key)
        if key in self.locked:
            raise RefusedChange(f"{lever} is locked.")
        if level == self.top_level and parameter in PROMOTION_PARAMETERS:
            raise RefusedChange(f"Nobody is promoted from the top level ({level}).")
        low, high = BOUNDS[parameter]
        if not low <= value <= high:
            raise RefusedChange(
                f"{lever} must be from {low:%} to {high:%}."
                if parameter != "new_hire_salary_adjustment"
                else f"{lever} must be from {low} to {high}."
            )


def open_draft(scenario: str, file: LeverFile) -> LeverDraft:
    """A draft without changes of a scenario. Raises `SettingsError`."""
    settings = load_simulation(scenario).settings
    effective = resolve_levers(file, settings)
    return LeverDraft(
        scenario=scenario,
        file=file,
        in_force={_key(lever): lever.parameter_value for lever in effective},
        locked=frozenset(cell[1:] for cell in file.locked(scenario)),
        top_level=len(settings.compensation.job_levels),
        changes={},
    )


def _named(key: Key) -> str:
    year, level, parameter = key
    return f"{formats.words(parameter)} of level {level} in {year}"


def _key(lever: EffectiveLever) -> Key:
    return lever.simulation_year, lever.level_id, lever.parameter_name
