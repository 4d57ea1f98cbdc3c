"""Random people, from a seed, and random plan designs for laws that hold for all of them."""

import random
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

YEAR = 2026
"""People are as of 31 December of the year before."""

PAY_DATES = {"annual": 1, "monthly": 12, "semimonthly": 24, "biweekly": 26}
LADDER = (0, 0.01, 0.02, 0.035, 0.05, 0.06, 0.08, 0.12, 0.25, 0.6)
"""Deferral rates of equal people."""

seeds = st.integers(0, 2**20)
frequencies = st.sampled_from(sorted(PAY_DATES))


def shares(least: int, most: int) -> st.SearchStrategy[float]:
    """Shares in whole per mille."""
    return st.integers(least, most).map(lambda per_mille: per_mille / 1000)


@st.composite
def tiers(draw: st.DrawFn, falling: bool) -> list[dict[str, float]]:
    edges = sorted(draw(st.sets(shares(5, 120), min_size=1, max_size=3)))
    rates = draw(st.lists(shares(50, 2000), min_size=len(edges), max_size=len(edges)))
    ordered = sorted(rates, reverse=True) if falling else rates
    return [{"rate": rate, "up_to": edge} for rate, edge in zip(ordered, edges, strict=True)]


@st.composite
def matches(draw: st.DrawFn, falling: bool = False) -> dict[str, Any]:
    formula = draw(st.sampled_from(["tiers", "service_graded", "points"]))
    match: dict[str, Any] = {
        "formula": formula,
        "dollar_cap": draw(st.sampled_from([None, None, 1500, 6000])),
        "on_catch_up": draw(st.booleans()),
    }
    if formula == "tiers":
        return match | {"tiers": draw(tiers(falling))}
    edge = draw(st.integers(2, 60))
    bands = [{"from": 0, "to": edge}, {"from": edge, "to": None}]
    return match | {"bands": [band | {"tiers": draw(tiers(falling))} for band in bands]}


@st.composite
def designs(draw: st.DrawFn) -> dict[str, Any]:
    nonelective = draw(st.sampled_from([0, 0.03, 0.12]))
    sharing = draw(st.sampled_from([0, 0.05, 0.20]))
    slow = st.sampled_from(["cliff_3", "graded_2_6", {0: 0.1, 2: 0.5, 3: 1}])
    schedules = slow | st.just("immediate")
    return {
        "automatic_enrollment": {"enabled": draw(st.booleans()), "scope": "all_eligible"},
        "escalation": {"enabled": draw(st.booleans())},
        "deferrals": {
            "roth": draw(st.booleans()),
            "catch_up": draw(st.booleans()),
            "super_catch_up": draw(st.booleans()),
            "maximum_rate": 1,
        },
        "match": draw(matches()) | {"true_up": draw(st.booleans())},
        "nonelective": {"formula": "flat", "rate": nonelective} if nonelective else {},
        "profit_sharing": {"formula": "pro_rata", "share_of_pay": sharing} if sharing else {},
        "vesting": {
            "employer_match": draw(slow),
            "employer_nonelective": draw(schedules),
            "employer_profit_sharing": draw(schedules),
            "service": draw(st.sampled_from(["elapsed_time", "hours"])),
        },
        "forfeitures": {
            "use": draw(
                st.sampled_from(["reduce_employer_contributions", "pay_expenses", "reallocate"])
            )
        },
        "compliance": {"adp_acp_method": draw(st.sampled_from(["current", "prior"]))},
        "balances": {"annual_return": draw(st.sampled_from([-0.1, 0, 0.06]))},
    }


def person(rng: random.Random, pay_step: int = 1) -> dict[str, Any]:
    """An employee at the end of the year before: 19 to 72 years old, every kind of pay."""
    age, tenure = rng.randint(19, 72), rng.choice([0, 1, 2, 3, 5, 9, 17])
    last_day = date(YEAR - 1, 12, 31)
    hired = last_day - timedelta(days=min(tenure, age - 18) * 365 + rng.randint(0, 364))
    born = last_day - timedelta(days=age * 365 + 200 + rng.randint(0, 364))
    pay = round(rng.choice([9, 30, 55, 90, 160, 250, 420]) * rng.uniform(600, 1400))
    return {
        "employee_birth_date": born.isoformat(),
        "employee_hire_date": hired.isoformat(),
        "plan_entry_date": "",
        "employee_gross_compensation": pay // pay_step * pay_step,
        "level_id": rng.randint(1, 5),
        "scheduled_hours_per_week": rng.choice([8, 12, 19, 21, 40, 40, 40]),
        "employee_deferral_rate": rng.choice(["", 0, 0.03, 0.06, 0.10, 0.30, 0.75, 1]),
        "employee_roth_share": rng.choice(["", 0, 0.5, 1]),
        "auto_escalation_opt_out": rng.choice(["", "true", "false"]),
        "account_balance_employee": rng.randint(0, 60000),
        "account_balance_employer": rng.randint(0, 30000),
        "ownership_pct": rng.choice([0, 0, 0, 0, 0, 0, 0, 0.02, 0.06]),
    }


def people(seed: int, count: int) -> dict[str, dict[str, Any]]:
    rng = random.Random(seed)
    return {f"E{number:03d}": person(rng) for number in range(count)}


def deferral_ladders(seed: int, count: int) -> dict[str, dict[str, Any]]:
    """Equal people but for the rate they defer at, which rises with the step."""
    rng = random.Random(seed)
    return {
        f"D{ladder:02d}_{step}": base | {"employee_deferral_rate": rate}
        for ladder in range(count)
        for base in [person(rng)]
        for step, rate in enumerate(LADDER)
    }


def pay_ladders(seed: int, count: int) -> dict[str, dict[str, Any]]:
    """Equal people but for their pay, which rises with the step."""
    rng = random.Random(seed)
    return {
        f"P{ladder:02d}_{step}": base | {"employee_gross_compensation": 20_000 * (step + 1) ** 2}
        for ladder in range(count)
        for base in [person(rng) | {"employee_deferral_rate": rng.choice(LADDER[1:])}]
        for step in range(6)
    }
