"""A census in which every rule meets somebody: one page of made-up people, no chance involved."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

CENSUS_DAY = date(2024, 12, 31)

AGES = (19, 24, 29, 36, 46, 56, 61, 66)
TENURES = (0, 1, 3, 7, 14, 19)
"""Completed years; somebody in every feasible pair of the default age and tenure bands."""
PAY = (12_500, 24_000, 41_000, 62_000, 88_000, 125_000, 190_000, 420_000)
"""One rate in every default pay band, and one above the compensation limit."""
PAY_OF_LEVEL = ((1, 62_000), (2, 88_000), (3, 125_000), (4, 190_000), (5, 1_000_000_000))
DEFERRALS = (None, None, 0, 0.03, None, 0.06, 0.12, None, 0.30)
"""None lets the behavior settings decide; 30% meets the limits."""
YOUNGEST_HIRE = 16


def everybody() -> list[dict[str, Any]]:
    """About 160 employees and former employees as of 31 December 2024."""
    people = [*_employees(), *_part_timers(), *_former_employees(), *_owners_and_officers()]
    return [{"employee_id": f"E{number:03d}"} | person for number, person in enumerate(people)]


def _employees() -> Iterator[dict[str, Any]]:
    number = 0
    for age in AGES:
        for tenure in TENURES:
            if age - tenure < YOUNGEST_HIRE:
                continue
            for _ in range(3):
                yield _person(number, age, tenure)
                number += 1


def _person(number: int, age: int, tenure: int) -> dict[str, Any]:
    pay = PAY[number % len(PAY)] + 37 * number
    balance = 4_000 * tenure + 500 * (number % 7)
    return {
        "employee_birth_date": _years_back(age, 11 * number % 360),
        "employee_hire_date": _years_back(tenure, 29 * number % 360),
        "employee_gross_compensation": pay,
        "level_id": next(level for level, most in PAY_OF_LEVEL if pay < most),
        "scheduled_hours_per_week": 40,
        "employee_deferral_rate": DEFERRALS[number % len(DEFERRALS)],
        "employee_roth_share": (None, 0, 0.5, 1)[number % 4],
        "auto_escalation_opt_out": (None, False, True)[number % 3],
        "account_balance_employee": balance,
        "account_balance_employer": balance // 3,
    }


def _part_timers() -> Iterator[dict[str, Any]]:
    """Hours around 500 and 1,000 a year."""
    for number, hours in enumerate((8, 11, 13, 18, 21, 24, 28, 32)):
        person = _person(200 + number, 25 + 5 * number, number % 4)
        yield person | {
            "scheduled_hours_per_week": hours,
            "employee_gross_compensation": 700 * hours,
            "level_id": 1,
        }


def _former_employees() -> Iterator[dict[str, Any]]:
    """Money left in the plan: small and large, vested and not, gone for months and for years."""
    for number in range(8):
        tenure = 1 + number % 4
        gone = 60 + 260 * number
        hired = _years_back(tenure, gone)
        yield _person(300 + number, 35 + 3 * number, tenure) | {
            "employee_hire_date": hired,
            "employee_termination_date": CENSUS_DAY - timedelta(days=gone),
            "account_balance_employee": (900, 5_200, 30_000, 64_000)[number % 4],
            "account_balance_employer": (400, 1_900, 9_000, 22_000)[number % 4],
        }


def _owners_and_officers() -> Iterator[dict[str, Any]]:
    for number, (share, is_officer, pay) in enumerate(
        ((0.08, True, 240_000), (0.06, False, 70_000), (0.03, True, 310_000), (0, True, 260_000))
    ):
        yield _person(400 + number, 45 + 5 * number, 9 + number) | {
            "employee_gross_compensation": pay,
            "level_id": 5,
            "ownership_pct": share,
            "is_officer": is_officer,
            "employee_deferral_rate": 0.10,
            "account_balance_employee": 700_000,
            "account_balance_employer": 300_000,
        }


def _years_back(years: int, days: int) -> date:
    """A day on which `years` whole years have passed at the census, and `days` more."""
    return CENSUS_DAY.replace(year=CENSUS_DAY.year - years) - timedelta(days=days)
