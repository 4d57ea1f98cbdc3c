"""Which lever applies in a simulated year.

The scenario's own row; else the row of scenario `baseline`; a year after the last or before the
first row takes the nearest year's value, and `parameter_source` says so. The promotion levers are
read at the level promoted from, so the top level's must be 0.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from config.levers import BASELINE, PARAMETERS, CompLever, LeverFile, named
from config.problems import Problem, SettingsError
from config.schema import SimulationConfig

PROMOTION_PARAMETERS = ("promotion_probability", "promotion_raise")
RowsByYear = dict[tuple[int, str], dict[int, CompLever]]
"""Rows in force for a scenario, by level and parameter, then by year."""


@dataclass(frozen=True)
class EffectiveLever:
    """A lever in force in one simulated year.

    `parameter_source` is `lever` (the scenario's own row) or `inherited` (from `baseline`), with
    `_carried_forward` or `_carried_back` when the row is of an earlier or later year.
    """

    simulation_year: int
    level_id: int
    parameter_name: str
    parameter_value: Decimal
    parameter_scenario_id: str
    parameter_source: str


def resolve_levers(levers: LeverFile, settings: SimulationConfig) -> tuple[EffectiveLever, ...]:
    """Every simulated year, level and parameter, in that order; `SettingsError` for gaps."""
    scenario, top = settings.scenario_id, len(settings.compensation.job_levels)
    rows = _rows_by_year(levers, scenario)
    problems = list(_misplaced(levers, rows, scenario, top))
    effective: list[EffectiveLever] = []
    for year in range(settings.simulation.start_year, settings.simulation.end_year + 1):
        for level in range(1, top + 1):
            for parameter in PARAMETERS:
                years = rows.get((level, parameter), {})
                used = min(max(year, min(years)), max(years)) if years else year
                if used in years:
                    effective.append(_effective(years[used], year, scenario))
                else:
                    when = f" in {year}, between years that have one" if years else ""
                    problems.append(_missing(levers, scenario, level, parameter, when))
    if problems:
        raise SettingsError(list(dict.fromkeys(problems)))
    return tuple(effective)


def _rows_by_year(levers: LeverFile, scenario: str) -> RowsByYear:
    rows: RowsByYear = {}
    for wanted in dict.fromkeys((BASELINE, scenario)):
        for row in levers.rows:
            if row.scenario_id == wanted:
                rows.setdefault((row.job_level, row.parameter_name), {})[row.fiscal_year] = row
    return rows


def _misplaced(levers: LeverFile, rows: RowsByYear, scenario: str, top: int) -> Iterator[Problem]:
    for row in (row for years in rows.values() for row in years.values()):
        where, value = str(levers.path), f"{row.parameter_value:f}"
        own = row.scenario_id == scenario
        if row.job_level > top and own:
            rule = f"compensation.job_levels has {top} levels: remove the row"
            yield Problem(where, rule, named(row.cell), value)
        at_top = row.job_level == top and row.parameter_name in PROMOTION_PARAMETERS
        if at_top and row.parameter_value:
            advice = "" if own else f"; give scenario {scenario} a row of its own"
            rule = f"must be 0: nobody is promoted from the top level ({top}){advice}"
            yield Problem(where, rule, named(row.cell), value)


def _effective(row: CompLever, year: int, scenario: str) -> EffectiveLever:
    source = "lever" if row.scenario_id == scenario else "inherited"
    if year > row.fiscal_year:
        source += "_carried_forward"
    elif year < row.fiscal_year:
        source += "_carried_back"
    return EffectiveLever(
        year, row.job_level, row.parameter_name, row.parameter_value, row.scenario_id, source
    )


def _missing(levers: LeverFile, scenario: str, level: int, parameter: str, when: str) -> Problem:
    wanted = BASELINE if scenario == BASELINE else f"{scenario} or {BASELINE}"
    rule = f"no lever for level {level}{when}: add a row for scenario {wanted}"
    return Problem(str(levers.path), rule, parameter)


def levers_as_json(levers: Iterable[EffectiveLever]) -> str:
    """Canonical JSON of the resolved levers; decimals are strings without trailing zeros."""
    rows = [
        vars(lever) | {"parameter_value": f"{lever.parameter_value.normalize():f}"}
        for lever in levers
    ]
    return json.dumps(rows, sort_keys=True, separators=(",", ":"))
