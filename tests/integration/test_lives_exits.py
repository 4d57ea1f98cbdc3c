"""Test lives of exits and of leavers who still count: expected numbers are worked out by hand."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.lives import Row, World, by_key, one_year, simulate

pytestmark = pytest.mark.usefixtures("lives_home")


def test_announced_exits_come_on_their_day(tmp_path: Path) -> None:
    """A termination date of the census is a fact: nobody else leaves, and pay ends with it."""
    people = {
        "stays": {},
        "leaves_in_june": {"employee_termination_date": "2026-06-30"},
        "leaves_next_year": {"employee_termination_date": "2027-03-31"},
        "left_before": {"employee_termination_date": "2025-11-30"},
    }
    got = by_key(
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
    got = by_key(
        one_year(people, settings, tmp_path),
        "SELECT employee_id, event_probability FROM fct_yearly_events "
        "WHERE event_type = 'termination'",
    )
    assert len(got) == 3
    assert got.pop("leaver") == (1,)
    assert all(0 < probability < 1 for (probability,) in got.values())


def test_people_who_announce_a_later_exit_do_not_leave_before_it(tmp_path: Path) -> None:
    """Exits of 40% of 3, rounded up, are 2, but only one person can leave: 1 is hired for it."""
    later = {"employee_termination_date": "2027-06-30"}
    settings = {"workforce": {"total_termination_rate": "0.4"}}
    walk = (
        "SELECT opening_headcount, experienced_terminations, hires, closing_headcount "
        "FROM fct_simulation_summary"
    )
    database = one_year({"able": {}, "b": later, "c": later}, settings, tmp_path)
    assert by_key(database, walk) == {3: (1, 1, 3)}
    gone = "SELECT employee_id FROM fct_workforce_snapshot WHERE employment_status = 'terminated'"
    assert set(by_key(database, gone)) == {"able"}


def test_a_company_shrinks_no_further_than_its_people_can_leave(tmp_path: Path) -> None:
    """Half of 4 shall go, and 3 have announced that they go later."""
    people = {"able": {}} | {f"p{n}": {"employee_termination_date": "2027-06-30"} for n in range(3)}
    settings = {"simulation": {"target_growth_rate": "-0.5"}}
    walk = (
        "SELECT opening_headcount, experienced_terminations, hires, closing_headcount "
        "FROM fct_simulation_summary"
    )
    assert by_key(one_year(people, settings, tmp_path), walk) == {4: (1, 0, 3)}


def test_a_company_that_empties_runs_to_the_end(tmp_path: Path) -> None:
    """1 - 0.9 = 0.1 people are none; the one hire that pays for the exit leaves in the year."""
    people = {"last": {"employee_termination_date": "2025-03-31"}}
    settings = {"simulation": {"target_growth_rate": "-0.9"}}
    database = simulate(World(people, (2025, 2027), settings), tmp_path)
    walk = (
        "SELECT simulation_year, opening_headcount, closing_headcount FROM fct_simulation_summary"
    )
    assert by_key(database, walk) == {2025: (1, 0), 2026: (0, 0), 2027: (0, 0)}


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
    assert by_key(database, ratio) == {50: (3, False)}
    minimum = "SELECT employee_id, employer_nonelective FROM fct_workforce_snapshot"
    assert by_key(database, minimum) == {"key": (0,), "saves_nothing": (0,)}


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
    assert set(by_key(database, "SELECT employee_id FROM int_hce WHERE is_hce")) == {
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
    assert set(by_key(database, "SELECT employee_id FROM int_hce WHERE is_hce")) == {"highest"}


def test_failed_tests_correct_leavers_whose_account_is_still_there(tmp_path: Path) -> None:
    """IRC 401(k)(8): the excess of who left is returned as that of others, if not paid out yet."""
    high = {"employee_gross_compensation": 240000, "employee_deferral_rate": "0.10"}
    people = {
        "stays": high
        | {"employee_termination_date": "2026-11-30", "account_balance_employee": 100000},
        "cashed_out": high | {"employee_termination_date": "2026-01-31"},
    } | {f"other_{n}": {"employee_deferral_rate": "0.03"} for n in range(4)}
    database = one_year(people, {}, tmp_path)
    owed = by_key(database, "SELECT employee_id, refund_amount FROM fct_compliance_corrections")
    assert owed.keys() == {"stays", "cashed_out"}
    got = by_key(
        database,
        "SELECT employee_id, effective_date, amount FROM fct_yearly_events "
        "WHERE event_type = 'distribution' AND reason = 'excess_contribution'",
    )
    assert got == {"stays": (date(2026, 12, 31), *owed["stays"])}


def test_the_statuses_of_a_year_are_the_solved_headcount(tmp_path: Path) -> None:
    """1,000 people, 3% growth, 12% and 25% terminations: 120 leave, 200 join, 50 of them leave."""
    people = {f"p{n}": {} for n in range(1000)}
    settings = {
        "simulation": {"target_growth_rate": "0.03"},
        "workforce": {"total_termination_rate": "0.12", "new_hire_termination_rate": "0.25"},
    }
    database = one_year(people, settings, tmp_path)
    statuses = """
        SELECT detailed_status_code, employment_status, COUNT(*)
        FROM fct_workforce_snapshot
        GROUP BY ALL
    """
    assert by_key(database, statuses) == {
        "continuous_active": ("active", 880),
        "experienced_termination": ("terminated", 120),
        "new_hire_active": ("active", 150),
        "new_hire_termination": ("terminated", 50),
    }


def test_nobody_vests_further_after_leaving(tmp_path: Path) -> None:
    """Two years of service are 20% of 50,000, three are 40%; the third ends on 1 March."""
    person = {"plan_entry_date": "", "account_balance_employer": 50000}
    third_in_2025 = person | {"employee_hire_date": "2022-03-01"}
    third_in_2024 = person | {"employee_hire_date": "2021-03-01"}
    people = {
        "a_day_before": third_in_2025 | {"employee_termination_date": "2025-02-28"},
        "on_the_day": third_in_2025 | {"employee_termination_date": "2025-03-01"},
        "before_the_census": third_in_2024 | {"employee_termination_date": "2024-02-29"},
        "stays": {},
        "stays_as_well": {},
    }
    database = simulate(World(people, (2025, 2027)), tmp_path)
    vested = """
        SELECT employee_id, LIST(vested_balance ORDER BY simulation_year)
        FROM fct_participant_accounts
        WHERE account = 'employer_match'
        GROUP BY employee_id
    """
    assert by_key(database, vested) == {
        "a_day_before": ([10000, 10000, 10000],),
        "on_the_day": ([20000, 20000, 20000],),
        "before_the_census": ([10000, 10000, 10000],),
    }


@pytest.mark.parametrize(
    ("balance", "annual_return", "paid_out"),
    [
        # more than 7,000 at the exit stays, though losses leave 5,000 at the end of the year
        (10000, "-0.5", {}),
        # less than 7,000 at the exit is cashed out, though gains make it 7,050
        (4700, "0.5", {"cash_out": (date(2026, 1, 2),)}),
    ],
)
def test_the_balance_at_the_exit_decides_on_the_payout(
    balance: int, annual_return: str, paid_out: Row, tmp_path: Path
) -> None:
    people = {
        "leaves": {
            "employee_termination_date": "2025-01-02",
            "account_balance_employee": balance,
        },
        "stays": {},
    }
    plan = {
        "balances": {"annual_return": annual_return},
        "forfeitures": {"distribution_delay_days": 365, "cash_out_limit": 7000},
    }
    database = simulate(World(people, (2025, 2026), {"plan": plan}), tmp_path)
    payouts = """
        SELECT reason, effective_date
        FROM fct_yearly_events
        WHERE event_type = 'distribution'
    """
    assert by_key(database, payouts) == paid_out


def test_payments_before_2024_need_consent_above_5000(tmp_path: Path) -> None:
    """SECURE 2.0 section 304 raised 5,000 to 7,000 (IRC 411(a)(11)(A)) from 2024 on."""
    left = {
        "in_2022": ("2022-06-30", 6000),
        "least_of_2023": ("2023-12-31", 5000),
        "more_in_2023": ("2023-12-31", "5000.01"),
        "most_of_2024": ("2024-01-01", 7000),
        "more_in_2024": ("2024-01-01", "7000.01"),
    }
    people: dict[str, Row] = {"stays": {}} | {
        life: {"employee_termination_date": day, "account_balance_employee": balance}
        for life, (day, balance) in left.items()
    }
    payouts = "SELECT employee_id, amount FROM fct_yearly_events WHERE event_type = 'distribution'"
    got = by_key(simulate(World(people, (2023, 2024)), tmp_path), payouts)
    assert got == {"least_of_2023": (5000,), "most_of_2024": (7000,)}
