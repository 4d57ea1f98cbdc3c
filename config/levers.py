"""Compensation levers: `comp_levers.csv` by scenario, year, level and parameter.

Which value applies in a simulated year: the scenario's own row; else the row of scenario
`baseline`; a year after the last or before the first row takes the nearest year's value, and
`parameter_source` says so. The promotion levers are read at the level promoted from, so the top
level's must be 0.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from config.problems import Problem, SettingsError, nearest
from config.quantities import Id, exact_decimal
from config.schema import FIRST_YEAR, LAST_YEAR, SimulationConfig

BASELINE = "baseline"
ParameterName = Literal[
    "merit_base",
    "cola_rate",
    "new_hire_salary_adjustment",
    "promotion_probability",
    "promotion_raise",
]
PARAMETERS: tuple[str, ...] = get_args(ParameterName)
PROMOTION_PARAMETERS = ("promotion_probability", "promotion_raise")
BOUNDS: dict[str, tuple[Decimal, Decimal]] = {
    "merit_base": (Decimal("-0.10"), Decimal("0.25")),
    "cola_rate": (Decimal("-0.10"), Decimal("0.25")),
    "new_hire_salary_adjustment": (Decimal(0), Decimal(2)),
    "promotion_probability": (Decimal(0), Decimal(1)),
    "promotion_raise": (Decimal(0), Decimal("0.50")),
}
"""Lowest and highest value of each parameter: shares of pay, except new_hire_salary_adjustment,
a factor on starting pay."""


class CompLever(BaseModel):
    """One row of comp_levers.csv."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scenario_id: Id
    fiscal_year: int = Field(ge=FIRST_YEAR, le=LAST_YEAR)
    job_level: int = Field(ge=1)
    parameter_name: ParameterName
    parameter_value: Annotated[
        Decimal, BeforeValidator(exact_decimal), Field(decimal_places=6, allow_inf_nan=False)
    ]
    is_locked: bool
    created_by: str
    created_at: datetime

    @property
    def cell(self) -> Cell:
        """What identifies the row."""
        return Cell(self.scenario_id, self.fiscal_year, self.job_level, self.parameter_name)


class Cell(NamedTuple):
    """Identity of a lever row."""

    scenario_id: str
    fiscal_year: int
    job_level: int
    parameter_name: str


COLUMNS: tuple[str, ...] = tuple(CompLever.model_fields)


@dataclass(frozen=True)
class EffectiveLever:
    """A lever in force in one simulated year."""

    simulation_year: int
    level_id: int
    parameter_name: str
    parameter_value: Decimal
    parameter_scenario_id: str
    parameter_source: str


@dataclass(frozen=True)
class LeverFile:
    """The rows of a levers file; `content_hash` (SHA-256) detects a concurrent edit."""

    path: Path
    rows: tuple[CompLever, ...]
    content_hash: str


def content_hash(content: bytes) -> str:
    """Hash that identifies the state of a levers file."""
    return hashlib.sha256(content).hexdigest()


def read_levers(path: Path) -> LeverFile:
    """Read and validate every row; raises `SettingsError` with file, line, column and rule."""
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        raise SettingsError([Problem(str(path), "no such levers file")]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([Problem(str(path), f"cannot be read: {error}")]) from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    problems = list(_header_problems(path, reader.fieldnames or ()))
    if problems:
        raise SettingsError(problems)
    rows: list[CompLever] = []
    seen: dict[Cell, int] = {}
    for record in reader:
        where = f"{path}, line {reader.line_num}"
        row, found = _row(where, record)
        if row is not None and row.cell in seen:
            found = [Problem(where, f"duplicates line {seen[row.cell]}: keep one", _named(row.cell))]
        problems.extend(found)
        if row is not None and not found:
            seen[row.cell] = reader.line_num
            rows.append(row)
    if problems:
        raise SettingsError(problems)
    return LeverFile(path, tuple(rows), content_hash(content))


def _header_problems(path: Path, header: Sequence[str]) -> Iterable[Problem]:
    where = f"{path}, line 1"
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        yield Problem(where, "columns must be separated by commas")
        return
    for name in header:
        if name not in COLUMNS:
            yield Problem(where, f"unknown column; {nearest(name, COLUMNS)}", name)
    for name in COLUMNS:
        if name not in header:
            yield Problem(where, "column is missing", name)


def _row(where: str, record: dict[str, str]) -> tuple[CompLever | None, list[Problem]]:
    if None in record or None in record.values():
        return None, [Problem(where, f"must have {len(COLUMNS)} columns")]
    try:
        row = CompLever.model_validate(record)
    except ValidationError as error:
        return None, [
            Problem(where, _message(item, record), str(item["loc"][0]), str(item["input"]))
            for item in error.errors(include_url=False)
        ]
    low, high = BOUNDS[row.parameter_name]
    if not low <= row.parameter_value <= high:
        rule = f"must be from {low} to {high}"
        return row, [Problem(where, rule, _named(row.cell), f"{row.parameter_value:f}")]
    return row, []


def _message(item: dict, record: dict[str, str]) -> str:
    if item["loc"] == ("parameter_name",):
        return f"unknown parameter; {nearest(record['parameter_name'], PARAMETERS)}"
    cause = item.get("ctx", {}).get("error")
    return str(cause) if cause else item["msg"].replace("Input should", "must")


def _named(cell: Cell) -> str:
    return (
        f"{cell.parameter_name} (scenario {cell.scenario_id}, year {cell.fiscal_year}, "
        f"level {cell.job_level})"
    )


def resolve_levers(levers: LeverFile, settings: SimulationConfig) -> tuple[EffectiveLever, ...]:
    """Every simulated year × level × parameter, ordered so; raises `SettingsError` for gaps."""
    scenario, source = settings.scenario_id, str(levers.path)
    top = len(settings.compensation.job_levels)
    problems: list[Problem] = []
    rows: dict[tuple[int, str], dict[int, CompLever]] = {}
    for row in levers.rows:
        if row.scenario_id not in (scenario, BASELINE):
            continue
        if row.job_level > top:
            if row.scenario_id == scenario:
                rule = f"compensation.job_levels has {top} levels: remove the row"
                problems.append(Problem(source, rule, _named(row.cell)))
            continue
        years = rows.setdefault((row.job_level, row.parameter_name), {})
        if row.scenario_id == scenario or row.fiscal_year not in years:
            years[row.fiscal_year] = row
    effective: list[EffectiveLever] = []
    simulated = range(settings.simulation.start_year, settings.simulation.end_year + 1)
    for year in simulated:
        for level in range(1, top + 1):
            for parameter in PARAMETERS:
                years = rows.get((level, parameter), {})
                if not years:
                    if year == simulated[0]:
                        problems.append(_missing(source, scenario, level, parameter))
                    continue
                nearest_year = min(max(year, min(years)), max(years))
                if nearest_year not in years:
                    problems.append(_missing(source, scenario, level, parameter, year))
                    continue
                lever = _effective(years[nearest_year], year, scenario)
                if level == top and parameter in PROMOTION_PARAMETERS and lever.parameter_value:
                    rule = f"must be 0: nobody is promoted from the top level ({top})"
                    named, value = _named(years[nearest_year].cell), f"{lever.parameter_value:f}"
                    problems.append(Problem(source, rule, named, value))
                effective.append(lever)
    if problems:
        raise SettingsError(list(dict.fromkeys(problems)))
    return tuple(effective)


def _effective(row: CompLever, year: int, scenario: str) -> EffectiveLever:
    origin = "lever" if row.scenario_id == scenario else "inherited"
    if year > row.fiscal_year:
        origin += "_carried_forward"
    elif year < row.fiscal_year:
        origin += "_carried_back"
    return EffectiveLever(
        year, row.job_level, row.parameter_name, row.parameter_value, row.scenario_id, origin
    )


def _missing(
    source: str, scenario: str, level: int, parameter: str, year: int | None = None
) -> Problem:
    when = "" if year is None else f" in {year}, between years that have one"
    wanted = BASELINE if scenario == BASELINE else f"{scenario} or {BASELINE}"
    rule = f"no lever for level {level}{when}: add a row for scenario {wanted}"
    return Problem(source, rule, parameter)


def levers_as_json(levers: Iterable[EffectiveLever]) -> str:
    """Canonical JSON of the resolved levers; decimals are strings without trailing zeros."""
    rows = [
        asdict(lever) | {"parameter_value": f"{lever.parameter_value.normalize():f}"}
        for lever in levers
    ]
    return json.dumps(rows, sort_keys=True, separators=(",", ":"))
