"""Compensation levers: `comp_levers.csv` by scenario, year, level and parameter.

Reading and validating the file, and changing cells of it safely while others may do the same.
"""

from __future__ import annotations

import csv
import fcntl
import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, TextIO, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from config.problems import Problem, SettingsError, nearest
from config.quantities import Id, exact_decimal
from config.schema import FIRST_YEAR, LAST_YEAR

BASELINE = "baseline"
ParameterName = Literal[
    "merit_base",
    "cola_rate",
    "new_hire_salary_adjustment",
    "promotion_probability",
    "promotion_raise",
]
PARAMETERS: tuple[str, ...] = get_args(ParameterName)
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
class LeverFile:
    """The rows of a levers file; `content_hash` (SHA-256) detects a concurrent edit."""

    path: Path
    rows: tuple[CompLever, ...]
    content_hash: str

    def locked(self, scenario: str) -> frozenset[Cell]:
        """Cells of a scenario that may not be changed: those whose value comes from a locked row,
        its own or, without one, that of `baseline`."""
        rows = {
            row.cell._replace(scenario_id=scenario): row.is_locked
            for wanted in (BASELINE, scenario)
            for row in self.rows
            if row.scenario_id == wanted
        }
        return frozenset(cell for cell, is_locked in rows.items() if is_locked)


def content_hash(content: bytes) -> str:
    """Hash that identifies the state of a levers file."""
    return hashlib.sha256(content).hexdigest()


def read_levers(path: Path) -> LeverFile:
    """Read and validate every row; raises `SettingsError` with file, line, column and rule."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise SettingsError([Problem(str(path), "no such levers file")]) from None
    except OSError as error:
        raise SettingsError([Problem(str(path), f"cannot be read: {error}")]) from error
    return _parsed(path, content)


def _parsed(path: Path, content: bytes) -> LeverFile:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError([Problem(str(path), f"is not UTF-8 text: {error}")]) from error
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
            found = [Problem(where, f"duplicates line {seen[row.cell]}: keep one", named(row.cell))]
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
        elif header.count(name) > 1:
            yield Problem(where, "column is there more than once: keep one", name)


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
        return row, [Problem(where, rule, named(row.cell), f"{row.parameter_value:f}")]
    return row, []


def _message(item: dict, record: dict[str, str]) -> str:
    if item["loc"] == ("parameter_name",):
        return f"unknown parameter; {nearest(record['parameter_name'], PARAMETERS)}"
    cause = item.get("ctx", {}).get("error")
    return str(cause) if cause else item["msg"].replace("Input should", "must")


def named(cell: Cell) -> str:
    """The cell as a message names it."""
    return (
        f"{cell.parameter_name} (scenario {cell.scenario_id}, year {cell.fiscal_year}, "
        f"level {cell.job_level})"
    )


class ConcurrentEditError(SettingsError):
    """The levers file is no longer the one that the caller read."""


def change_levers(
    path: Path,
    changes: Mapping[Cell, Decimal | None],
    *,
    expected_hash: str,
    changed_by: str,
    change_log: Path,
) -> LeverFile:
    """Change, add or (None) remove cells of the levers file; return the new file.

    The file is replaced atomically, so a reader sees the old or the new one, and each change is
    then appended to `change_log` (CSV: `LOG_COLUMNS`). Raises `ConcurrentEditError` when the
    file's hash is not `expected_hash`, and `SettingsError` for a value out of bounds or a locked
    cell; the file is then untouched.
    """
    with _one_writer(change_log) as log:
        current = read_levers(path)
        if current.content_hash != expected_hash:
            rule = "was changed by someone else since it was read: load it again"
            raise ConcurrentEditError([Problem(str(path), rule)])
        scenarios = {cell.scenario_id for cell in changes}
        locked = frozenset().union(*map(current.locked, scenarios)) & changes.keys()
        if locked:
            rule = "is locked: first set is_locked to false in its row, or in that of baseline"
            raise SettingsError([Problem(str(path), rule, named(cell)) for cell in sorted(locked)])
        return _write(log, current, changes, changed_by)


def copy_levers(
    path: Path, source: str, target: str, *, move: bool, changed_by: str, change_log: Path
) -> None:
    """Give the own levers of a scenario, with their locks, to one that has none; `move` takes them
    from the first. The file is replaced once, and each change is logged, as by `change_levers`."""
    with _one_writer(change_log) as log:
        current = read_levers(path)
        own = [row for row in current.rows if row.scenario_id == source]
        copies = {row.cell._replace(scenario_id=target): row for row in own}
        changes: dict[Cell, Decimal | None] = {
            cell: row.parameter_value for cell, row in copies.items()
        }
        if move:
            changes |= {row.cell: None for row in own}
        locked = {cell for cell, row in copies.items() if row.is_locked}
        if own:
            _write(log, current, changes, changed_by, locked)


@contextmanager
def _one_writer(change_log: Path) -> Iterator[TextIO]:
    change_log.parent.mkdir(parents=True, exist_ok=True)
    with change_log.open("a+", newline="", encoding="utf-8") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        yield log


def _write(
    log: TextIO,
    current: LeverFile,
    changes: Mapping[Cell, Decimal | None],
    changed_by: str,
    locked: Collection[Cell] = (),
) -> LeverFile:
    now = datetime.now(UTC).replace(microsecond=0)
    content = _changed(current.rows, changes, locked, changed_by, now)
    new = _parsed(current.path, content)
    _replace_atomically(current.path, content)
    _append_log(log, current.rows, changes, changed_by, now)
    return new


LOG_COLUMNS = (
    "changed_at",
    "changed_by",
    *Cell._fields,
    "old_value",
    "new_value",
)


def _changed(
    rows: Sequence[CompLever],
    changes: Mapping[Cell, Decimal | None],
    locked: Collection[Cell],
    changed_by: str,
    now: datetime,
) -> bytes:
    lines = {
        row.cell: (
            *row.cell,
            f"{row.parameter_value:f}",
            str(row.is_locked).lower(),
            row.created_by,
            row.created_at.isoformat(),
        )
        for row in rows
    }
    for cell, value in changes.items():
        if value is None:
            lines.pop(cell, None)
        else:
            is_locked = str(cell in locked).lower()
            lines[cell] = (*cell, f"{value:f}", is_locked, changed_by, now.isoformat())
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(lines.values())
    return text.getvalue().encode()


def _replace_atomically(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _append_log(
    log: TextIO,
    rows: Sequence[CompLever],
    changes: Mapping[Cell, Decimal | None],
    changed_by: str,
    now: datetime,
) -> None:
    old = {row.cell: row.parameter_value for row in rows}
    writer = csv.writer(log, lineterminator="\n")
    if log.tell() == 0:
        writer.writerow(LOG_COLUMNS)
    for cell, value in changes.items():
        if old.get(cell) != value:
            writer.writerow([now.isoformat(), changed_by, *cell, old.get(cell), value])
    log.flush()
    os.fsync(log.fileno())
