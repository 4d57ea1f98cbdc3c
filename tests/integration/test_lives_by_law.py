"""Test lives beyond the published cases: the expected numbers are worked out by hand."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.lives import Row, World, simulate

BASIC = {
    "formula": "tiers",
    "tiers": [{"rate": "1", "up_to": "0.03"}, {"rate": "0.5", "up_to": "0.05"}],
    "safe_harbor": "basic",
}
AGED_52 = "1974-06-15"

pytestmark = pytest.mark.usefixtures("lives_home")


def _lived(people: Mapping[str, Row], settings: Mapping[str, Any], directory: Path) -> Path:
    return simulate(World(people, (2026, 2026), settings), directory)


def _of(database: Path, sql: str) -> dict[str, tuple[Any, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return {row[0]: row[1:] for row in connection.sql(sql).fetchall()}


def test_deferrals_above_the_plan_maximum_are_catch_up(tmp_path: Path) -> None:
    """Catch-up begins at any limit, also the plan's own, and ends at the room of the age."""
    pay = {"employee_gross_compensation": 100000}
    people = {
        "young": pay | {"employee_deferral_rate": "0.20"},
        "within_the_room": pay | {"employee_deferral_rate": "0.15", "employee_birth_date": AGED_52},
        "beyond_the_room": pay | {"employee_deferral_rate": "0.20", "employee_birth_date": AGED_52},
    }
    settings = {"plan": {"deferrals": {"maximum_rate": "0.10"}}}
    got = _of(
        _lived(people, settings, tmp_path),
        "SELECT employee_id, employee_pre_tax, employee_catch_up FROM fct_workforce_snapshot",
    )
    assert got == {
        "young": (10000, 0),
        "within_the_room": (10000, 5000),
        "beyond_the_room": (10000, 8000),
    }


def test_profit_sharing_beside_a_safe_harbor_keeps_the_top_heavy_minimum(tmp_path: Path) -> None:
    """Only a plan of nothing but deferrals and safe-harbor match escapes 416 (416(g)(4)(H))."""
    people = {
        "owner": {
            "ownership_pct": "0.6",
            "account_balance_employee": 100000,
            "employee_gross_compensation": 200000,
            "employee_deferral_rate": "0.05",
        },
        "saves_nothing": {"employee_gross_compensation": 50000},
        "saves": {"employee_gross_compensation": 50000, "employee_deferral_rate": "0.05"},
    }
    settings = {
        "plan": {
            "match": BASIC,
            "vesting": {"employer_match": "immediate"},
            "profit_sharing": {"formula": "pro_rata", "share_of_pay": "0.01"},
        }
    }
    got = _of(
        _lived(people, settings, tmp_path),
        "SELECT employee_id, employer_match, employer_profit_sharing, employer_nonelective "
        "FROM fct_workforce_snapshot",
    )
    assert got == {
        "owner": (8000, 2000, 0),
        "saves_nothing": (0, 500, 1000),
        "saves": (2000, 500, 0),
    }


def test_part_timers_hired_late_in_the_year_enter_after_two_periods(tmp_path: Path) -> None:
    """782 hours in the twelve months from 1 October 2024 and in the plan year 2025."""
    part_time = {"plan_entry_date": "", "scheduled_hours_per_week": 15}
    people = {
        "late": part_time | {"employee_hire_date": "2024-10-01"},
        "early": part_time | {"employee_hire_date": "2024-02-01"},
    }
    settings = {"plan": {"eligibility": {"hours_required": 1000}}}
    got = _of(
        _lived(people, settings, tmp_path),
        "SELECT employee_id, eligibility_date, eligibility_basis FROM fct_workforce_snapshot",
    )
    assert set(got.values()) == {(date(2026, 1, 1), "long_term_part_time")}
