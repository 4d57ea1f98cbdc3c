"""Test lives of eligibility and elections: the expected numbers are worked out by hand."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestrator.event_history import replay_year
from orchestrator.event_validation import validate_log
from tests.lives import HALF_OF_SIX, World, by_key, one_year, simulate

pytestmark = pytest.mark.usefixtures("lives_home")


def test_part_timers_hired_late_in_the_year_enter_after_two_periods(tmp_path: Path) -> None:
    """500 hours in the twelve months from 1 October 2024 and in the plan year 2025: 9.589042 a week
    x 365 / 7 are just that, 9.589041 are not. Nobody enters before the age of 21."""
    part_time = {"plan_entry_date": "", "scheduled_hours_per_week": "9.589042"}
    late = part_time | {"employee_hire_date": "2024-10-01"}
    people = {
        "late": late,
        "early": part_time | {"employee_hire_date": "2024-02-01"},
        "young": late | {"employee_birth_date": "2005-06-15"},
        "fewer_hours": late | {"scheduled_hours_per_week": "9.589041"},
    }
    settings = {"plan": {"eligibility": {"hours_required": 1000}}}
    got = by_key(
        one_year(people, settings, tmp_path),
        "SELECT employee_id, eligibility_date, eligibility_basis FROM fct_workforce_snapshot",
    )
    assert got == {
        "late": (date(2026, 1, 1), "long_term_part_time"),
        "early": (date(2026, 1, 1), "long_term_part_time"),
        "young": (date(2026, 6, 15), "long_term_part_time"),
        "fewer_hours": (None, None),
    }


@pytest.mark.parametrize(
    ("hired", "entry"),
    [
        ("2023-02-28", None),
        ("2023-03-01", date(2025, 1, 1)),
        ("2023-12-31", date(2025, 1, 1)),
        ("2024-03-01", None),
    ],
)
def test_a_leap_day_in_the_twelve_months_and_in_the_plan_year_makes_two_periods(
    hired: str, entry: date | None, tmp_path: Path
) -> None:
    """9.57 hours a week x 366 / 7 are 500.37, x 365 / 7 only 499.01: hired from 1 March 2023 on,
    the first twelve months and the plan year 2024 both have 29 February 2024 in them."""
    people = {
        "part_time": {
            "plan_entry_date": "",
            "employee_hire_date": hired,
            "scheduled_hours_per_week": "9.57",
            "employee_gross_compensation": 20000,
            "employee_deferral_rate": "0.06",
        }
    }
    settings = {"plan": {"eligibility": {"hours_required": 1000, "service_months": 12}}}
    lived = "SELECT employee_id, plan_entry_date, employee_pre_tax FROM fct_workforce_snapshot"
    database = one_year(people, settings, tmp_path)
    assert by_key(database, lived) == {"part_time": (entry, 1200 if entry else 0)}


def test_who_has_a_year_of_service_at_the_minimum_age_is_no_long_term_part_timer(
    tmp_path: Path,
) -> None:
    """19.15 hours a week x 365 / 7 are 998.54, x 366 / 7 in 2024 are 1,001.27: a year of service
    before the 21st birthday of 15 June 2026. From 1 July, 3% and half of 6% of 15,123.29."""
    people = {
        "young": {
            "plan_entry_date": "",
            "employee_hire_date": "2021-01-01",
            "employee_birth_date": "2005-06-15",
            "scheduled_hours_per_week": "19.15",
            "employee_gross_compensation": 30000,
            "employee_deferral_rate": "0.06",
        }
    }
    plan = {
        "eligibility": {
            "hours_required": 1000,
            "service_months": 12,
            "entry_dates": "semiannual",
        },
        "match": HALF_OF_SIX,
        "nonelective": {"formula": "flat", "rate": "0.03"},
    }
    money = """
        SELECT employee_id, plan_entry_date, employer_match, employer_nonelective
        FROM fct_workforce_snapshot
    """
    database = one_year(people, {"plan": plan}, tmp_path)
    assert by_key(database, money) == {
        "young": (date(2026, 7, 1), Decimal("453.70"), Decimal("453.70"))
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
    assert by_key(database, lived) == {
        year: (entry, 2000) for year in (2024, 2025) if year >= entry.year
    }


def test_an_entry_before_long_term_part_timers_could_enter_is_by_service(tmp_path: Path) -> None:
    """939 hours a year: the periods are complete on 1 January 2024 for those of 2016 and 2017, and
    on 1 January 2027 for those of 2025. Match is half of 6% of 30,000."""
    part_time = {
        "scheduled_hours_per_week": 18,
        "employee_gross_compensation": 30000,
        "employee_deferral_rate": "0.06",
    }
    people = {
        "long_in": {"employee_hire_date": "2016-03-01", "plan_entry_date": "2018-01-01"},
        "just_before": {"employee_hire_date": "2017-03-01", "plan_entry_date": "2023-12-31"},
        "first_day": {"employee_hire_date": "2017-03-01", "plan_entry_date": "2024-01-01"},
        "announced": {"employee_hire_date": "2025-03-01", "plan_entry_date": "2026-07-01"},
        "comes_in": {"employee_hire_date": "2025-03-01", "plan_entry_date": ""},
    }
    settings = {
        "plan": {
            "eligibility": {"hours_required": 1000, "service_months": 12},
            "match": HALF_OF_SIX,
        }
    }
    lives = {name: part_time | person for name, person in people.items()}
    database = simulate(World(lives, (2026, 2027), settings), tmp_path)
    entered = (
        "SELECT employee_id || simulation_year, eligibility_basis, employer_match "
        "FROM fct_workforce_snapshot WHERE plan_entry_date <= MAKE_DATE(simulation_year, 12, 31)"
    )
    assert by_key(database, entered) == {
        "long_in2026": ("service", 900),
        "long_in2027": ("service", 900),
        "just_before2026": ("service", 900),
        "just_before2027": ("service", 900),
        "first_day2026": ("long_term_part_time", 0),
        "first_day2027": ("long_term_part_time", 0),
        "announced2026": ("service", Decimal("453.70")),
        "announced2027": ("service", 900),
        "comes_in2027": ("long_term_part_time", 0),
    }
    with duckdb.connect(str(database)) as connection:
        assert replay_year(connection, 2027).differences == []
        assert validate_log(connection).failures.total == 0


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
        assert by_key(database, entry) == {
            "young": (date(2025, 3, 1),),
            "new": (date(2025, 3, 1),),
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
    assert by_key(database, roth) == {2026: (share,), 2027: (share,)}
    with duckdb.connect(str(database)) as connection:
        assert replay_year(connection, 2027).differences == []
        assert validate_log(connection).failures.total == 0


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


def opting_out(default_rate: str, wait_days: int, **plan: Any) -> dict[str, Any]:
    """Settings under which everybody is enrolled automatically and then opts out."""
    enrollment = {"enabled": True, "scope": "all_eligible"} | {
        "default_rate": default_rate,
        "wait_days": wait_days,
    }
    return {
        "payroll": {"frequency": "monthly"},
        "behavior": EVERYBODY_OPTS_OUT,
        "plan": {"automatic_enrollment": enrollment, **plan},
    }


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
    settings = opting_out("0.06", 30, match=HALF_OF_SIX)
    database = simulate(World(people, (2025, 2026), settings), tmp_path)
    returned = (
        "SELECT reason, SUM(amount) FROM fct_yearly_events "
        "WHERE employee_id = 'H0' AND event_type = 'distribution' GROUP BY reason"
    )
    [(reason, (refund,))] = by_key(database, returned).items()
    assert reason == "excess_contribution" and refund > 0
    held = (
        "SELECT account, closing_balance FROM fct_participant_accounts "
        "WHERE simulation_year = 2026 AND employee_id = 'H0'"
    )
    assert by_key(database, held) == {"employee_pre_tax": (50000,), "employer_match": (20000,)}


def test_a_withdrawal_leaves_what_became_roth_catch_up(tmp_path: Path) -> None:
    """25% of 355,068.49 of pay since September exceed 72,000, so December's 3% of 100,491.08 are
    all catch-up, which must be Roth. With this id the opt-out is in 2027; older money stays."""
    people = {
        "R1": {
            "employee_birth_date": "1974-06-15",
            "employee_gross_compensation": 1200000,
            "plan_entry_date": "2026-09-15",
            "account_balance_employee": 50000,
        },
    }
    settings = opting_out("0.03", 90, nonelective={"formula": "flat", "rate": "0.25"})
    database = simulate(World(people, (2026, 2027), settings), tmp_path)
    changed = (
        "SELECT event_category, YEAR(effective_date) FROM fct_yearly_events "
        "WHERE event_type = 'deferral_change'"
    )
    assert by_key(database, changed) == {"opt_out": (2027,)}
    held = (
        "SELECT account, closing_balance FROM fct_participant_accounts "
        "WHERE simulation_year = 2027 AND account LIKE 'employee%'"
    )
    assert by_key(database, held) == {
        "employee_pre_tax": (50000,),
        "employee_roth": (Decimal("3014.73"),),
    }


def test_withdrawn_deferrals_leave_an_excess_to_profit_sharing(tmp_path: Path) -> None:
    """10% of two months are withdrawn and cannot be returned once more: 33% of 206,000 gives way
    until both are 70,000 together. With this id the opt-out is in March."""
    people = {"A2": {"employee_gross_compensation": 206000, "plan_entry_date": "2025-01-01"}}
    sharing = {"formula": "pro_rata", "share_of_pay": "0.33"}
    settings = opting_out("0.10", 1, profit_sharing=sharing)
    database = simulate(World(people, (2025, 2025), settings), tmp_path)
    paid = (
        "SELECT source, SUM(amount) FROM fct_yearly_events "
        "WHERE event_type = 'contribution' GROUP BY source"
    )
    contributed = {source: amount for source, (amount,) in by_key(database, paid).items()}
    assert contributed["employee_pre_tax"] == Decimal("3433.34")
    assert sum(contributed.values()) == 70000
    additions = "SELECT employee_id, annual_additions, account_balance FROM fct_workforce_snapshot"
    assert by_key(database, additions) == {
        "A2": (70000, contributed["employer_profit_sharing"]),
    }


def test_withdrawn_deferrals_earn_no_true_up(tmp_path: Path) -> None:
    """6% of two months at 5,000 and half of it as match go back; with this id the opt-out is in
    March."""
    people = {"A2": {"plan_entry_date": "2025-01-01"}}
    settings = opting_out("0.06", 1, match=HALF_OF_SIX)
    database = simulate(World(people, (2025, 2025), settings), tmp_path)
    moved = """
        SELECT event_type || ' ' || source, SUM(amount)
        FROM fct_yearly_events
        WHERE event_type IN ('contribution', 'distribution', 'forfeiture')
        GROUP BY ALL
    """
    assert by_key(database, moved) == {
        "contribution employee_pre_tax": (600,),
        "contribution employer_match": (300,),
        "distribution employee_pre_tax": (600,),
        "forfeiture employer_match": (300,),
    }


def test_opt_outs_come_on_every_day_of_the_window_and_no_other(tmp_path: Path) -> None:
    """Enrolled on 15 December with 30 days to withdraw (IRC 414(w)(2)(B)): from 16 December to 14
    January somebody of the 300 opts out each day, on New Year's Eve and New Year as well."""
    people = {f"p{n}": {"plan_entry_date": "2025-12-14"} for n in range(300)}
    settings = opting_out("0.03", 1)
    settings["plan"]["automatic_enrollment"]["opt_out_window_days"] = 30
    database = simulate(World(people, (2025, 2026), settings), tmp_path)
    opt_outs = """
        SELECT DATE_DIFF('day', DATE '2025-12-15', effective_date), COUNT(*)
        FROM fct_yearly_events
        WHERE event_category = 'opt_out'
        GROUP BY ALL
    """
    found = by_key(database, opt_outs)
    assert found.keys() == set(range(1, 31))
    assert sum(count for (count,) in found.values()) == 300


def test_a_decrease_leaves_one_percent(tmp_path: Path) -> None:
    """One to three points less: 2% come down to 1% whatever is drawn, and 1% stays."""
    people = {f"p{n}": {"employee_deferral_rate": "0.02"} for n in range(9)}
    changes = {"tenure_bands": [{"min_tenure": 0, "max_tenure": None, "change_multiplier": 1}]}
    settings = {"behavior": EVERYBODY_OPTS_OUT | changes | {"decrease_rate": 1}}
    database = simulate(World(people, (2025, 2027), settings), tmp_path)
    decreases = """
        SELECT employee_id, LIST(rate), LIST(simulation_year)
        FROM fct_yearly_events
        WHERE event_type = 'deferral_change'
        GROUP BY employee_id
    """
    assert by_key(database, decreases) == {who: ([Decimal("0.01")], [2026]) for who in people}
