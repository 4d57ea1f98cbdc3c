"""Test lives beyond the published cases: the expected numbers are worked out by hand."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestrator.event_history import replay_year
from orchestrator.event_validation import validate_log
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


def test_what_became_catch_up_is_not_returned_as_well(tmp_path: Path) -> None:
    """10,000 + match 6,000 + 50,000 + 20,000 exceed 72,000 by 14,000: 8,000 become catch-up, the
    2,000 left of the deferrals are returned, and profit sharing falls by 4,000; the match stays.
    """
    people = {
        "over": {
            "employee_birth_date": AGED_52,
            "employee_gross_compensation": 100000,
            "employee_deferral_rate": "0.10",
        }
    }
    settings = {
        "plan": {
            "match": {"formula": "tiers", "tiers": [{"rate": "1", "up_to": "0.06"}]},
            "nonelective": {"formula": "flat", "rate": "0.5"},
            "profit_sharing": {"formula": "pro_rata", "share_of_pay": "0.2"},
        }
    }
    database = _lived(people, settings, tmp_path)
    money = "employee_catch_up, employer_match, employer_profit_sharing, annual_additions"
    assert _of(database, f"SELECT employee_id, {money} FROM fct_workforce_snapshot") == {
        "over": (8000, 6000, 16000, 72000)
    }
    balances = "SELECT account, closing_balance FROM fct_participant_accounts"
    assert _of(database, balances) == {
        "employee_pre_tax": (8000,),
        "employer_match": (6000,),
        "employer_nonelective": (50000,),
        "employer_profit_sharing": (16000,),
    }


@pytest.mark.parametrize(
    ("person", "nonelective"),
    [
        # additions of 40,000 on pay of 20,000
        ({"employee_gross_compensation": 20000, "employee_deferral_rate": "1"}, "1"),
        # an ADP of 12% beside one of 0%
        ({"employee_gross_compensation": 200000, "employee_deferral_rate": "0.12"}, "0"),
    ],
)
def test_corrections_return_what_losses_have_left(
    person: Row, nonelective: str, tmp_path: Path
) -> None:
    """Every deferral has to go back, and half a year of losses has eaten into it."""
    people = {"over": person, "saves_nothing": {"employee_gross_compensation": 20000}}
    settings = {
        "payroll": {"frequency": "monthly"},
        "plan": {
            "deferrals": {"maximum_rate": 1},
            "nonelective": {"formula": "flat", "rate": nonelective},
            "balances": {"annual_return": "-0.5"},
        },
    }
    database = _lived(people, settings, tmp_path)
    account = (
        "SELECT employee_id, closing_balance, distributed - earnings - contributions "
        "FROM fct_participant_accounts WHERE account = 'employee_pre_tax'"
    )
    assert _of(database, account) == {"over": (0, 0)}
    additions = "SELECT employee_id, annual_additions FROM fct_workforce_snapshot"
    assert _of(database, additions)["over"] == (20000 if nonelective == "1" else 24000,)
    with duckdb.connect(str(database)) as connection:
        assert replay_year(connection, 2026).differences == []


def test_refunds_do_not_forfeit_the_match_of_catch_up(tmp_path: Path) -> None:
    """32,500 are matched at 25%; an ADP of 6.81% goes down to 2.00%: 17,300 of 24,500 are refunded
    and their own 25%, 4,325, is forfeited.
    """
    people = {
        "over": {
            "employee_birth_date": AGED_52,
            "employee_gross_compensation": 400000,
            "prior_year_gross_pay": 400000,
            "employee_deferral_rate": "0.10",
        },
        "saves": {"employee_deferral_rate": "0.01"},
    }
    settings = {
        "plan": {
            "match": {
                "formula": "tiers",
                "tiers": [{"rate": "0.25", "up_to": "0.12"}],
                "frequency": "annual",
            }
        }
    }
    refunds = (
        "SELECT employee_id, refund_amount, forfeited_match FROM fct_compliance_corrections "
        "WHERE test = 'adp'"
    )
    assert _of(_lived(people, settings, tmp_path), refunds) == {"over": (17300, 4325)}


def test_the_log_shows_annual_additions_after_the_forfeited_match(tmp_path: Path) -> None:
    """24,500 + 18,000 + 60,000 exceed 72,000 by 30,500: 6,500 unmatched are returned, and 12,000
    more with 12,000 of match forfeited.
    """
    people = {
        "over": {"employee_gross_compensation": 300000, "employee_deferral_rate": "0.5"},
    }
    settings = {
        "plan": {
            "match": {
                "formula": "tiers",
                "tiers": [{"rate": "1", "up_to": "0.06"}],
                "frequency": "annual",
            },
            "nonelective": {"formula": "flat", "rate": "0.2"},
        }
    }
    database = _lived(people, settings, tmp_path)
    moved = (
        "SELECT event_type, SUM(amount) FROM fct_yearly_events "
        "WHERE event_category = 'excess_annual_addition' GROUP BY event_type"
    )
    assert _of(database, moved) == {"distribution": (18500,), "forfeiture": (12000,)}
    with duckdb.connect(str(database)) as connection:
        assert replay_year(connection, 2026).differences == []


def test_announced_exits_come_on_their_day(tmp_path: Path) -> None:
    """A termination date of the census is a fact: nobody else leaves, and pay ends with it."""
    people = {
        "stays": {},
        "leaves_in_june": {"employee_termination_date": "2026-06-30"},
        "leaves_next_year": {"employee_termination_date": "2027-03-31"},
        "left_before": {"employee_termination_date": "2025-11-30"},
    }
    got = _of(
        simulate(World(people, (2026, 2027)), tmp_path),
        "SELECT employee_id || '-' || simulation_year, termination_date, "
        "prorated_annual_compensation FROM fct_workforce_snapshot WHERE employee_id NOT LIKE 'NH%'",
    )
    assert got == {
        "stays-2026": (None, 60000),
        "leaves_in_june-2026": (date(2026, 6, 30), Decimal("29753.42")),  # 60,000 x 181 / 365
        "leaves_next_year-2026": (None, 60000),
        "stays-2027": (None, 60000),
        "leaves_next_year-2027": (date(2027, 3, 31), Decimal("14794.52")),  # 60,000 x 90 / 365
    }


def test_announced_exits_count_among_those_of_the_rate(tmp_path: Path) -> None:
    people = {f"p{n}": {} for n in range(9)} | {
        "leaver": {"employee_termination_date": "2026-12-31"}
    }
    settings = {"workforce": {"total_termination_rate": "0.30"}}
    got = _of(
        _lived(people, settings, tmp_path),
        "SELECT employee_id, event_probability FROM fct_yearly_events "
        "WHERE event_type = 'termination'",
    )
    assert len(got) == 3
    assert got.pop("leaver") == (1,)
    assert all(0 < probability < 1 for (probability,) in got.values())


EVERYBODY_OPTS_OUT = {
    "frozen": False,
    "opt_out_rate": 1,
    "affirmative_election_rate": 0,
    "annual_enrollment_factor": 0,
    "stop_rate": 0,
    "decrease_rate": 0,
    "increase_rate": 0,
    "income_bands": [
        {
            "min_pay": 0,
            "max_pay": None,
            "voluntary_participation": 0,
            "automatic_participation": 0,
            "change_multiplier": 1,
        }
    ],
}


def test_a_roth_share_of_the_census_is_kept_whole(tmp_path: Path) -> None:
    """The event of the enrollment states 0.1235; 12.3456% of 10,000 are Roth in every year."""
    people = {
        "saver": {
            "employee_gross_compensation": 100000,
            "employee_deferral_rate": "0.10",
            "employee_roth_share": "0.123456",
        },
    }
    database = simulate(World(people, (2026, 2027)), tmp_path)
    roth = "SELECT simulation_year, employee_roth FROM fct_workforce_snapshot"
    share = Decimal("1234.56")
    assert _of(database, roth) == {2026: (share,), 2027: (share,)}
    with duckdb.connect(str(database)) as connection:
        assert replay_year(connection, 2027).differences == []
        assert validate_log(connection).failures.total == 0


def test_a_withdrawal_takes_nothing_that_a_failed_test_has_already_returned(
    tmp_path: Path,
) -> None:
    """An ADP of 0.5% beside one of 0% returns the December deferral on 31 December, with its match;
    with this id he opts out in January, finds nothing left of it, and keeps his older money."""
    people = {
        "H0": {
            "ownership_pct": "0.06",
            "plan_entry_date": "2025-11-05",
            "employee_gross_compensation": 200000,
            "account_balance_employee": 50000,
            "account_balance_employer": 20000,
        },
        "saves_nothing": {"employee_deferral_rate": 0},
    }
    settings = {
        "payroll": {"frequency": "monthly"},
        "behavior": EVERYBODY_OPTS_OUT,
        "plan": {
            "automatic_enrollment": {
                "enabled": True,
                "scope": "all_eligible",
                "default_rate": "0.06",
                "wait_days": 30,
            },
            "match": {"formula": "tiers", "tiers": [{"rate": "0.5", "up_to": "0.06"}]},
        },
    }
    database = simulate(World(people, (2025, 2026), settings), tmp_path)
    returned = (
        "SELECT reason, SUM(amount) FROM fct_yearly_events "
        "WHERE employee_id = 'H0' AND event_type = 'distribution' GROUP BY reason"
    )
    [(reason, (refund,))] = _of(database, returned).items()
    assert reason == "excess_contribution" and refund > 0
    held = (
        "SELECT account, closing_balance FROM fct_participant_accounts "
        "WHERE simulation_year = 2026 AND employee_id = 'H0'"
    )
    assert _of(database, held) == {"employee_pre_tax": (50000,), "employer_match": (20000,)}


def test_withdrawn_deferrals_leave_an_excess_to_profit_sharing(tmp_path: Path) -> None:
    """10% of two months are withdrawn and cannot be returned once more: 33% of 206,000 gives way
    until both are 70,000 together. With this id the opt-out is in March."""
    people = {"A2": {"employee_gross_compensation": 206000, "plan_entry_date": "2025-01-01"}}
    settings = {
        "payroll": {"frequency": "monthly"},
        "behavior": EVERYBODY_OPTS_OUT,
        "plan": {
            "automatic_enrollment": {
                "enabled": True,
                "scope": "all_eligible",
                "default_rate": "0.10",
                "wait_days": 1,
            },
            "profit_sharing": {"formula": "pro_rata", "share_of_pay": "0.33"},
        },
    }
    database = simulate(World(people, (2025, 2025), settings), tmp_path)
    paid = (
        "SELECT source, SUM(amount) FROM fct_yearly_events "
        "WHERE event_type = 'contribution' GROUP BY source"
    )
    contributed = {source: amount for source, (amount,) in _of(database, paid).items()}
    assert contributed["employee_pre_tax"] == Decimal("3433.34")
    assert sum(contributed.values()) == 70000
    additions = "SELECT employee_id, annual_additions, account_balance FROM fct_workforce_snapshot"
    assert _of(database, additions) == {
        "A2": (70000, contributed["employer_profit_sharing"]),
    }


KEY_EMPLOYEE = {
    "ownership_pct": "0.10",
    "employee_gross_compensation": 200000,
    "account_balance_employee": 700000,
}


@pytest.mark.parametrize(
    ("key_employee", "minimum"),
    [
        # 2,000 of 8,000 are within the plan's maximum; the catch-up above it is no rate of the year
        ({"employee_birth_date": "1970-06-15", "employee_deferral_rate": "0.04"}, "600"),
        # 2% of the second half, 2,016.44, is 1.00822% of the pay of the year
        ({"plan_entry_date": "2026-07-01", "employee_deferral_rate": "0.02"}, "604.93"),
    ],
)
def test_the_top_heavy_minimum_is_the_rate_of_the_key_employee(
    key_employee: Row, minimum: str, tmp_path: Path
) -> None:
    """IRC 416(c)(2)(B): as high as the highest rate of a key employee, of the pay of the year."""
    people = {
        "key": KEY_EMPLOYEE | key_employee,
        "saves_nothing": {"account_balance_employee": 300000, "employee_deferral_rate": 0},
    }
    settings = {
        "plan": {"deferrals": {"maximum_rate": "0.01" if minimum == "600" else "0.02"}},
    }
    given = "SELECT employee_id, employer_nonelective FROM fct_workforce_snapshot"
    got = _of(_lived(people, settings, tmp_path), given)
    assert got["saves_nothing"] == (Decimal(minimum),)


def test_pay_before_the_match_begins_does_not_use_up_the_compensation_limit(
    tmp_path: Path,
) -> None:
    """840,000 a year pass 360,000 in June; the wait ends on 1 July, and 4% of the 70,000 of
    July are matched; then 402(g) ends the deferrals."""
    people = {
        "late": {
            "employee_hire_date": "2025-07-01",
            "plan_entry_date": "2025-07-01",
            "employee_gross_compensation": 840000,
            "employee_deferral_rate": "0.05",
        }
    }
    settings = {
        "payroll": {"frequency": "monthly"},
        "plan": {
            "match": {
                "formula": "tiers",
                "tiers": [{"rate": "1", "up_to": "0.04"}],
                "eligibility": {"service_months": 12},
                "true_up": False,
            },
            "vesting": {"employer_match": "immediate"},
        },
    }
    matched = (
        "SELECT MONTH(effective_date), amount FROM fct_yearly_events "
        "WHERE source = 'employer_match'"
    )
    assert _of(_lived(people, settings, tmp_path), matched) == {7: (2800,)}


def test_the_top_heavy_minimum_vests_in_the_log(tmp_path: Path) -> None:
    """It is nonelective money though the plan has no nonelective formula."""
    people = {
        "key": KEY_EMPLOYEE | {"employee_deferral_rate": "0.05"},
        "vests": {
            "employee_hire_date": "2023-03-01",
            "plan_entry_date": "2023-03-01",
            "account_balance_employee": 300000,
            "employee_deferral_rate": 0,
        },
    }
    settings = {"plan": {"vesting": {"employer_nonelective": "cliff_3"}}}
    database = simulate(World(people, (2025, 2026), settings), tmp_path)
    steps = (
        "SELECT source, effective_date, rate FROM fct_yearly_events "
        "WHERE event_type = 'vesting' AND employee_id = 'vests' AND source LIKE '%nonelective'"
    )
    assert _of(database, steps) == {"employer_nonelective": (date(2026, 3, 1), 1)}


def test_people_who_announce_a_later_exit_do_not_leave_before_it(tmp_path: Path) -> None:
    """Exits of 40% of 3, rounded up, are 2, but only one person can leave: 1 is hired for it."""
    later = {"employee_termination_date": "2027-06-30"}
    settings = {"workforce": {"total_termination_rate": "0.4"}}
    walk = (
        "SELECT opening_headcount, experienced_terminations, hires, closing_headcount "
        "FROM fct_simulation_summary"
    )
    database = _lived({"able": {}, "b": later, "c": later}, settings, tmp_path)
    assert _of(database, walk) == {3: (1, 1, 3)}
    gone = "SELECT employee_id FROM fct_workforce_snapshot WHERE employment_status = 'terminated'"
    assert set(_of(database, gone)) == {"able"}


def test_a_company_shrinks_no_further_than_its_people_can_leave(tmp_path: Path) -> None:
    """Half of 4 shall go, and 3 have announced that they go later."""
    people = {"able": {}} | {f"p{n}": {"employee_termination_date": "2027-06-30"} for n in range(3)}
    settings = {"simulation": {"target_growth_rate": "-0.5"}}
    walk = (
        "SELECT opening_headcount, experienced_terminations, hires, closing_headcount "
        "FROM fct_simulation_summary"
    )
    assert _of(_lived(people, settings, tmp_path), walk) == {4: (1, 0, 3)}


def test_a_company_that_empties_runs_to_the_end(tmp_path: Path) -> None:
    """1 - 0.9 = 0.1 people are none; the one hire that pays for the exit leaves in the year."""
    people = {"last": {"employee_termination_date": "2025-03-31"}}
    settings = {"simulation": {"target_growth_rate": "-0.9"}}
    database = simulate(World(people, (2025, 2027), settings), tmp_path)
    walk = (
        "SELECT simulation_year, opening_headcount, closing_headcount FROM fct_simulation_summary"
    )
    assert _of(database, walk) == {2025: (1, 0), 2026: (0, 0), 2027: (0, 0)}


def test_leavers_of_the_year_before_the_first_count_for_top_heavy(tmp_path: Path) -> None:
    """Who left in 2024 worked in the year that ends on the determination date (416(g)(4)(E)):
    700,000 of 1,400,000 are 50%. Who left in 2023 did not: 300,000 more would be 41.18%.
    """
    people = {
        "key": {
            "ownership_pct": "0.1",
            "employee_gross_compensation": 200000,
            "employee_deferral_rate": "0.05",
            "account_balance_employee": 700000,
        },
        "saves_nothing": {"account_balance_employee": 300000},
        "left": {"employee_termination_date": "2024-09-30", "account_balance_employee": 400000},
        "left_earlier": {
            "employee_termination_date": "2023-12-31",
            "account_balance_employee": 300000,
        },
    }
    database = simulate(World(people, (2025, 2025)), tmp_path)
    ratio = "SELECT top_heavy_ratio, participant_count, is_top_heavy FROM int_top_heavy"
    assert _of(database, ratio) == {50: (3, False)}
    minimum = "SELECT employee_id, employer_nonelective FROM fct_workforce_snapshot"
    assert _of(database, minimum) == {"key": (0,), "saves_nothing": (0,)}


def test_leavers_of_the_year_before_the_first_count_for_the_top_paid_group(tmp_path: Path) -> None:
    """20% of the 15 employees of 2024 are 3, of the 10 still employed 2 (414(q)(3))."""
    left = {"employee_termination_date": "2024-10-31"}
    people = (
        {f"paid{n}": {"employee_gross_compensation": 200000 + n} for n in range(3)}
        | {f"p{n}": {} for n in range(7)}
        | {f"left{n}": left for n in range(5)}
    )
    settings = {"plan": {"compliance": {"top_paid_group": True}}}
    database = simulate(World(people, (2025, 2025), settings), tmp_path)
    assert set(_of(database, "SELECT employee_id FROM int_hce WHERE is_hce")) == {
        *("paid0", "paid1", "paid2"),
    }


def test_leavers_of_the_year_before_the_first_are_ranked_by_what_they_earned(
    tmp_path: Path,
) -> None:
    """Two of 10 are in the top-paid group: 251,000 and, until 31 October, 300,000 x 305 / 366 =
    250,000; until 31 August it would be 200,000.
    """
    pay = {"employee_gross_compensation": 300000}
    people = {f"p{n}": {} for n in range(6)} | {
        "highest": {"employee_gross_compensation": 251000},
        "next": {"employee_gross_compensation": 249000},
        "left_in_october": pay | {"employee_termination_date": "2024-10-31"},
        "left_in_august": pay | {"employee_termination_date": "2024-08-31"},
    }
    settings = {"plan": {"compliance": {"top_paid_group": True}}}
    database = simulate(World(people, (2025, 2025), settings), tmp_path)
    assert set(_of(database, "SELECT employee_id FROM int_hce WHERE is_hce")) == {"highest"}


def test_birthdays_and_anniversaries_of_29_february_are_1_march_in_common_years(
    tmp_path: Path,
) -> None:
    """21 years old on 1 March 2025, and twelve months of service are complete on it."""
    waits = {"plan_entry_date": ""}
    people = {
        "young": waits | {"employee_birth_date": "2004-02-29", "employee_hire_date": "2023-01-01"},
        "new": waits | {"employee_hire_date": "2024-02-29"},
    }
    eligibility = {"minimum_age": 21, "service_months": 12, "entry_dates": "immediate"}
    for hours in (0, 1000):
        settings = {"plan": {"eligibility": eligibility | {"hours_required": hours}}}
        database = simulate(World(people, (2025, 2025), settings), tmp_path / str(hours))
        entry = "SELECT employee_id, plan_entry_date FROM fct_workforce_snapshot"
        assert _of(database, entry) == {
            "young": (date(2025, 3, 1),),
            "new": (date(2025, 3, 1),),
        }


@pytest.mark.parametrize(
    ("hired", "entry"),
    [
        ("2015-03-01", date(2024, 1, 1)),
        ("2021-10-01", date(2024, 1, 1)),
        ("2022-10-01", date(2025, 1, 1)),
    ],
)
def test_part_timers_of_three_periods_from_2021_enter_in_2024(
    hired: str, entry: date, tmp_path: Path
) -> None:
    """782 hours a year: the plan years 2021, 2022 and 2023, or the twelve months from 1 October
    2021 and two plan years, and 10% of 20,000 are deferred from entry. Who came in October 2022
    has three periods at the end of 2024, as well as the two from 2023.
    """
    people = {
        "part_time": {
            "plan_entry_date": "",
            "employee_hire_date": hired,
            "scheduled_hours_per_week": 15,
            "employee_gross_compensation": 20000,
            "employee_deferral_rate": "0.1",
        }
    }
    settings = {"plan": {"eligibility": {"hours_required": 1000, "service_months": 12}}}
    database = simulate(World(people, (2024, 2025), settings), tmp_path)
    lived = (
        "SELECT simulation_year, plan_entry_date, employee_pre_tax FROM fct_workforce_snapshot "
        "WHERE plan_entry_date <= MAKE_DATE(simulation_year, 12, 31)"
    )
    assert _of(database, lived) == {
        year: (entry, 2000) for year in (2024, 2025) if year >= entry.year
    }
