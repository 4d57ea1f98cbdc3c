"""Golden cases: published numbers, and how the runs of test lives show them.

`golden_lives/golden_cases.json` holds the published numbers with their sources. Each YAML file
beside it is one run: years, settings, levers, people, and the cases it shows. A case says
- `got`: a column of the snapshot for the person named like the case, or SELECT texts in the shape
  of the expected value;
- `part`: which part of the expected value this run shows (a key, several keys, or [from, to));
- `restated`: the expected value where the published one is prose, not a number;
- `how`: what is different from the published case, and why.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import duckdb
from ruamel.yaml import YAML

from tests.lives import World

LIVES = Path(__file__).parent / "golden_lives"
PUBLISHED_COPY = LIVES / "golden_cases.json"
RUNS = sorted(path.stem for path in LIVES.glob("*.yaml"))


@dataclass(frozen=True)
class GoldenRun:
    """One run and the cases it shows."""

    world: World
    cases: Mapping[str, Mapping[str, Any]]


def golden_cases() -> dict[str, dict[str, Any]]:
    """Published cases by id."""
    return {case["id"]: case for case in json.loads(PUBLISHED_COPY.read_text())}


def golden_run(name: str) -> GoldenRun:
    """The run of golden_lives/<name>.yaml."""
    text = YAML(typ="safe").load(LIVES / f"{name}.yaml")
    first, last = text["years"]
    people = _people(text["people"])
    world = World(people, (first, last), text["settings"], text.get("levers", {}))
    return GoldenRun(world, text["cases"])


def expected_of(case: Mapping[str, Any], shown: Mapping[str, Any]) -> Any:
    """The part of the published value that a run shows."""
    published = shown.get("restated", case["expected"])
    part = shown.get("part")
    if part is None:
        return published
    if isinstance(published, list):
        first, end = part
        return published[first:end]
    if isinstance(part, list):
        return {key: published[key] for key in part}
    return published[part]


def got_of(
    connection: duckdb.DuckDBPyConnection, case_id: str, shown: Mapping[str, Any], last_year: int
) -> Any:
    """What the run's tables say, in the shape of `got`."""
    year = shown.get("year", last_year)

    def read(got: Any) -> Any:
        if isinstance(got, Mapping):
            return {key: read(value) for key, value in got.items()}
        if isinstance(got, list):
            return [read(value) for value in got]
        if got.startswith("SELECT"):
            return _result(connection.sql(got))
        sql = f"SELECT {got} FROM fct_workforce_snapshot WHERE employee_id = ? "
        return _result(connection.sql(sql + "AND simulation_year = ?", params=[case_id, year]))

    return read(shown["got"])


def in_shape(expected: Any, got: Any) -> Any:
    """`got` with the columns of a row as a list where the expected value is a list."""
    if isinstance(expected, list):
        items = list(got.values()) if isinstance(got, Mapping) else got
        if not isinstance(items, list) or len(items) != len(expected):
            return got
        return [in_shape(*pair) for pair in zip(expected, items, strict=True)]
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        return {key: in_shape(expected.get(key), value) for key, value in got.items()}
    return got


def agrees(expected: Any, got: Any) -> bool:
    """Exact equality: money to the cent, whatever the number of decimals it is written with."""
    if isinstance(expected, Mapping):
        if not isinstance(got, Mapping):
            return False
        return expected.keys() == got.keys() and all(
            agrees(value, got[key]) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return (
            isinstance(got, list)
            and len(expected) == len(got)
            and all(agrees(*pair) for pair in zip(expected, got, strict=True))
        )
    if expected is None or isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(got, Decimal | int):
        try:
            return Decimal(str(expected)) == got
        except InvalidOperation:
            return False
    return expected == got


def shown_text(value: Any) -> str:
    """A value for the table, numbers without trailing zeros."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {shown_text(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(shown_text, value))
    if isinstance(value, Decimal):
        return f"{value.quantize(Decimal('0.01')) if value == round(value, 2) else value:f}"
    return str(value)


def _people(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """People by id; a row with `count` stands for that many."""
    people: dict[str, dict[str, Any]] = {}
    for life, row in rows.items():
        columns = {key: value for key, value in row.items() if key != "count"}
        count = row.get("count")
        names = [f"{life}_{i:04d}" for i in range(1, count + 1)] if count else [life]
        people |= dict.fromkeys(names, columns)
    return people


def _result(relation: duckdb.DuckDBPyRelation) -> Any:
    """One value; one row as a mapping by column; rows of two columns as a mapping by the first."""
    rows = [[_plain(cell) for cell in row] for row in relation.fetchall()]
    if len(rows) == 1:
        [row] = rows
        return row[0] if len(row) == 1 else dict(zip(relation.columns, row, strict=True))
    if rows and len(rows[0]) == 2:
        return {str(key): value for key, value in rows}
    return rows


def _plain(cell: Any) -> Any:
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, list):
        return [_plain(item) for item in cell]
    return cell
