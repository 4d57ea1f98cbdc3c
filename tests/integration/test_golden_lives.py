"""Every golden case as a test life through the real pipeline; none against a second formula."""

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestrator.prepare import prepare_database
from orchestrator.request import RunRequest
from tests.golden_report import PROPERTY, Row
from tests.integration.golden import (
    PUBLISHED_COPY,
    RUNS,
    agrees,
    expected_of,
    golden_cases,
    golden_run,
    got_of,
    in_shape,
    shown_text,
)
from tests.lives import build_alone, simulate

PUBLISHED = Path(__file__).parents[3] / "shared" / "domain" / "golden_cases.json"

NOT_IN_THE_ENGINE = {
    ("K01", "all_additive"): "raises compound or COLA and merit add up: no third option",
}

INDEXED = {
    "M01": (2007, "annual_additions_limit", ["index_factor", "unrounded_limit", "indexed_limit"]),
    "M02": (2026, "elective_deferral_limit", ["index_factor", "unrounded_limit", "indexed_limit"]),
    "M03": (2026, "super_catch_up_limit", ["indexed_limit"]),
    "M04": (2026, "roth_catch_up_wage_threshold", ["indexed_limit"]),
}


@pytest.mark.parametrize("name", RUNS)
def test_lives_get_the_published_numbers(
    name: str, lives_home: Path, tmp_path: Path, record_property: Any
) -> None:
    run = golden_run(name)
    database = simulate(run.world, tmp_path)
    published = golden_cases()
    rows: list[Row] = []
    with duckdb.connect(str(database), read_only=True) as connection:
        for case_id, shown in run.cases.items():
            case = published[case_id]
            expected = expected_of(case, shown)
            got = got_of(connection, case_id, shown, run.world.years[1])
            rows.append(_row(case, expected, got))
    record_property(PROPERTY, rows)
    assert not [row for row in rows if not row[4]]


def test_limits_are_indexed_as_published(
    lives_home: Path, tmp_path: Path, record_property: Any
) -> None:
    database = tmp_path / "simulation.duckdb"
    prepare_database(database, RunRequest(years=(2026, 2026)), run_id="limits")
    with duckdb.connect(str(database)) as connection:
        # The published table begins with 2014; M01 is about 2007, on the quarter of 2006.
        connection.execute("INSERT INTO inputs.irs_limits (plan_year) VALUES (2007)")
        connection.execute("INSERT INTO inputs.cpi_u VALUES (2006, 203.5, 203.9, 202.9)")
    build_alone(database, "limit_indexing", 2026)
    published = golden_cases()
    rows: list[Row] = []
    with duckdb.connect(str(database), read_only=True) as connection:
        for case_id, (year, limit, columns) in INDEXED.items():
            got = connection.execute(
                f"SELECT {', '.join(columns)} FROM limit_indexing "
                "WHERE simulation_year = ? AND limit_name = ?",
                [year, limit],
            ).fetchone()
            value = list(got) if len(columns) > 1 else got[0]
            rows.append(_row(published[case_id], published[case_id]["expected"], value))
    record_property(PROPERTY, rows)
    assert not [row for row in rows if not row[4]]


def test_every_part_of_every_golden_case_is_shown_once() -> None:
    shown: dict[str, list[Any]] = defaultdict(list)
    for name in RUNS:
        for case_id, case in golden_run(name).cases.items():
            shown[case_id].append(case.get("part"))
    for case_id in INDEXED:
        shown[case_id].append(None)
    for case_id, part in NOT_IN_THE_ENGINE:
        shown[case_id].append(part)
    for case_id, case in golden_cases().items():
        assert _covers(case["expected"], shown[case_id]), (case_id, shown[case_id])


def test_the_copy_of_the_golden_cases_is_the_published_one() -> None:
    if not PUBLISHED.exists():
        pytest.skip(f"{PUBLISHED} is not on this machine")
    assert json.loads(PUBLISHED.read_text()) == json.loads(PUBLISHED_COPY.read_text())


def _row(case: Mapping[str, Any], expected: Any, got: Any) -> Row:
    shaped = in_shape(expected, got)
    texts = shown_text(expected), shown_text(shaped)
    return (case["id"], case["title"], *texts, agrees(expected, shaped))


def _covers(expected: Any, parts: list[Any]) -> bool:
    """Whether the parts make up the expected value, each piece once."""
    if parts == [None]:
        return True
    if isinstance(expected, list):
        pieces = [index for first, end in parts for index in range(first, end)]
        return sorted(pieces) == list(range(len(expected)))
    pieces = [key for part in parts for key in (part if isinstance(part, list) else [part])]
    return isinstance(expected, Mapping) and sorted(pieces) == sorted(expected)
