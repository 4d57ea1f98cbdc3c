"""Rules at their edges: who is just inside, who is just outside, in the real pipeline."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.lives import HALF_OF_SIX, World, by_key, one_year, simulate

pytestmark = pytest.mark.usefixtures("lives_home")


def test_raises_are_for_who_is_there_afterwards_and_within_the_ages(tmp_path: Path) -> None:
    """Merit on 1 April, promotion on 1 February from one year of service and below 65."""
    people = {
        "leaves_on_the_day": {"employee_termination_date": "2026-04-01"},
        "leaves_a_day_later": {"employee_termination_date": "2026-04-02"},
        "hired_a_year_ago": {"employee_hire_date": "2025-12-31", "plan_entry_date": None},
        "64": {"employee_birth_date": "1962-01-01"},
        "65": {"employee_birth_date": "1961-12-31"},
    }
    everybody = {"band": "all", "min_age": 0, "max_age": None} | {
        "termination_multiplier": 1,
        "promotion_multiplier": 10,
    }
    months = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    settings = {
        "workforce": {"total_termination_rate": "0.4", "age_bands": [everybody]},
        "simulation": {"target_growth_rate": "-0.4"},
        "compensation": {"merit": {"months": months}},
    }
    levers = {"merit_base": "0.03", "promotion_probability": 1, "promotion_raise": "0.1"}
    database = simulate(World(people, (2026, 2026), settings, levers), tmp_path)
    raises = """
        SELECT
          employee_id,
          COUNT(*) FILTER (WHERE event_type = 'merit'),
          COUNT(*) FILTER (WHERE event_type = 'promotion')
        FROM fct_yearly_events
        GROUP BY employee_id
    """
    assert by_key(database, raises) == {
        "leaves_on_the_day": (0, 1),
        "leaves_a_day_later": (1, 1),
        "hired_a_year_ago": (1, 1),
        "64": (1, 1),
        "65": (1, 0),
    }


def test_who_leaves_with_the_age_and_service_of_retirement_retires(tmp_path: Path) -> None:
    """62 years of age and five of service, both complete on the day of leaving."""
    leaves = {"employee_termination_date": "2026-06-15"}
    long_here = leaves | {"employee_hire_date": "2012-03-01"}
    of_age = leaves | {"employee_birth_date": "1960-01-01", "plan_entry_date": None}
    people = {
        "62_today": long_here | {"employee_birth_date": "1964-06-15"},
        "62_tomorrow": long_here | {"employee_birth_date": "1964-06-16"},
        "five_years_today": of_age | {"employee_hire_date": "2021-06-15"},
        "five_years_tomorrow": of_age | {"employee_hire_date": "2021-06-16"},
        "stays": {},
    }
    settings = {
        "workforce": {"total_termination_rate": "0.8"},
        "simulation": {"target_growth_rate": "-0.8"},
    }
    database = one_year(people, settings, tmp_path)
    retired = """
        SELECT employee_id, termination_reason = 'retirement'
        FROM fct_workforce_snapshot
        WHERE termination_date IS NOT NULL
    """
    assert by_key(database, retired) == {
        "62_today": (True,),
        "62_tomorrow": (False,),
        "five_years_today": (True,),
        "five_years_tomorrow": (False,),
    }


def test_the_top_paid_group_is_a_fifth_rounded_up_of_who_is_not_excludable(tmp_path: Path) -> None:
    """Six count, so two are in it: six months of service, 17.5 hours and 21 years suffice."""
    paid = {"employee_gross_compensation": 250000, "level_id": 5}
    unplanned = {"plan_entry_date": None}
    people = {
        "highest": paid | {"employee_gross_compensation": 300000},
        "second": paid | {"employee_gross_compensation": 290000},
        "third": paid | {"employee_gross_compensation": 280000},
        "six_months": unplanned | {"employee_hire_date": "2025-07-01"},
        "half_days": {"scheduled_hours_per_week": "17.5"},
        "21": unplanned | {"employee_birth_date": "2004-12-31", "employee_hire_date": "2023-01-01"},
        "five_months": unplanned | {"employee_hire_date": "2025-07-02"},
        "less": {"scheduled_hours_per_week": "17.4"},
        "20": unplanned | {"employee_birth_date": "2005-01-01", "employee_hire_date": "2023-01-01"},
    }
    settings = {"plan": {"compliance": {"top_paid_group": True}}}
    database = one_year(people, settings, tmp_path)
    assert set(by_key(database, "SELECT employee_id FROM int_hce WHERE is_hce")) == {
        *("highest", "second"),
    }


def test_a_tenth_of_the_employees_rounded_up_may_be_key_officers(tmp_path: Path) -> None:
    """31 employees: the four highest paid of five officers (416(i)(1)(A))."""
    officers = {
        f"officer{n}": {
            "is_officer": True,
            "employee_gross_compensation": 300000 + n,
            "level_id": 5,
        }
        for n in range(5)
    }
    people = officers | {f"p{n}": {} for n in range(26)}
    database = one_year(people, {}, tmp_path)
    assert set(by_key(database, "SELECT employee_id FROM int_key_employees")) == {
        *("officer1", "officer2", "officer3", "officer4"),
    }


def test_long_term_part_timers_share_in_no_employer_money(tmp_path: Path) -> None:
    """They may defer; employer money is for those with a year of service (401(k)(15)(B)(i))."""
    person = {"employee_hire_date": "2022-01-01", "plan_entry_date": None}
    people = {
        "full_time": person | {"employee_gross_compensation": 50000},
        "part_time": person
        | {"employee_gross_compensation": 50000}
        | {"scheduled_hours_per_week": 15, "employee_deferral_rate": "0.05"},
    }
    settings = {
        "plan": {
            "eligibility": {"hours_required": 1000, "service_months": 12},
            "nonelective": {"formula": "flat", "rate": "0.03"},
            "profit_sharing": {"formula": "pro_rata", "share_of_pay": "0.02"},
        }
    }
    database = one_year(people, settings, tmp_path)
    money = """
        SELECT employee_id, employee_pre_tax, employer_nonelective, employer_profit_sharing
        FROM fct_workforce_snapshot
    """
    assert by_key(database, money) == {
        "full_time": (0, 1500, 1000),
        "part_time": (2500, 0, 0),
    }


def test_nonelective_money_graded_by_service_changes_on_the_anniversary(tmp_path: Path) -> None:
    """Whole years on 31 December 2026; a band begins at `from` and ends before `to`."""
    bands = [
        {"from": 0, "to": 2, "rate": "0.01"},
        {"from": 2, "to": 5, "rate": "0.02"},
        {"from": 5, "to": None, "rate": "0.03"},
    ]
    hired = {1: "2025-01-01", 2: "2024-12-31", 4: "2022-01-01", 5: "2021-12-31"}
    people = {
        f"years_{years}": {"employee_hire_date": day, "plan_entry_date": day}
        for years, day in hired.items()
    }
    settings = {"plan": {"nonelective": {"formula": "service_graded", "bands": bands}}}
    database = one_year(people, settings, tmp_path)
    paid = "SELECT employee_id, employer_nonelective FROM fct_workforce_snapshot"
    assert by_key(database, paid) == {
        "years_1": (600,),
        "years_2": (1200,),
        "years_4": (1200,),
        "years_5": (1800,),
    }


@pytest.mark.parametrize(
    ("first_increase", "on_31_december", "on_1_january", "on_2_january"),
    [
        ("after_one_full_year", "2027-01-01", "2027-01-01", "2028-01-01"),
        ("next_plan_year", "2026-01-01", "2027-01-01", "2027-01-01"),
    ],
)
def test_automatic_increases_begin_after_a_year_and_end_at_the_cap(
    first_increase: str, on_31_december: str, on_1_january: str, on_2_january: str, tmp_path: Path
) -> None:
    """Enrolled 30 days after entry at 3%; three points more would pass the cap of 5%, at which no
    further increase is due, and above which no rate is lowered. Who declined increases gets none,
    nor who chose a rate and said nothing of increases."""
    joins = {"employee_hire_date": "2024-06-01"}
    people = {
        "on_31_december": joins | {"plan_entry_date": "2025-12-01"},
        "on_1_january": joins | {"plan_entry_date": "2025-12-02"},
        "on_2_january": joins | {"plan_entry_date": "2025-12-03"},
        "above_the_cap": joins
        | {"plan_entry_date": "2025-12-01", "employee_deferral_rate": "0.08"}
        | {"auto_escalation_opt_out": False},
        "declined": joins | {"plan_entry_date": "2025-12-01", "auto_escalation_opt_out": True},
        "chose": joins | {"plan_entry_date": "2025-12-01", "employee_deferral_rate": "0.03"},
    }
    everybody = {"min_pay": 0, "max_pay": None, "change_multiplier": 0}
    participates = {"voluntary_participation": 0, "automatic_participation": 1}
    settings = {
        "behavior": {
            "frozen": False,
            "opt_out_rate": 0,
            "affirmative_election_rate": 0,
            "escalation_acceptance_rate": 1,
            "income_bands": [everybody | participates],
        },
        "plan": {
            "automatic_enrollment": {"enabled": True, "default_rate": "0.03", "wait_days": 30},
            "escalation": {"enabled": True, "step": "0.03", "cap": "0.05"}
            | {"first_increase": first_increase},
        },
    }
    database = simulate(World(people, (2025, 2028), settings), tmp_path)
    elections = """
        SELECT
          employee_id,
          LIST(STRFTIME(effective_date, '%Y-%m-%d') ORDER BY effective_date),
          LIST(CAST(100 * rate AS INTEGER) ORDER BY effective_date)
        FROM fct_yearly_events
        WHERE event_type IN ('enrollment', 'escalation')
        GROUP BY employee_id
    """
    assert by_key(database, elections) == {
        "on_31_december": (["2025-12-31", on_31_december], [3, 5]),
        "on_1_january": (["2026-01-01", on_1_january], [3, 5]),
        "on_2_january": (["2026-01-02", on_2_january], [3, 5]),
        "above_the_cap": (["2025-12-01"], [8]),
        "declined": (["2025-12-31"], [3]),
        "chose": (["2025-12-01"], [3]),
    }


def test_hours_that_just_reach_a_requirement_count(tmp_path: Path) -> None:
    """11.2 hours a week are 584 in 365 days, exactly; 11.19 reach that in a leap year only."""
    joins = {"employee_hire_date": "2025-02-01", "plan_entry_date": None}
    people = {
        "reaches": joins | {"scheduled_hours_per_week": "11.2"},
        "falls_short": joins | {"scheduled_hours_per_week": "11.19"},
        "matched": {"scheduled_hours_per_week": "11.2", "employee_deferral_rate": "0.05"},
        "not_matched": {"scheduled_hours_per_week": "11.19", "employee_deferral_rate": "0.05"},
    }
    plan = {
        "eligibility": {"hours_required": 584, "service_months": 12, "entry_dates": "monthly"},
        "match": HALF_OF_SIX | {"eligibility": {"hours": 584}},
    }
    database = one_year(people, {"plan": plan}, tmp_path)
    found = """
        SELECT employee_id, STRFTIME(plan_entry_date, '%Y-%m-%d'), employer_match
        FROM fct_workforce_snapshot
    """
    assert by_key(database, found) == {
        "reaches": ("2026-02-01", 0),
        "falls_short": (None, 0),
        "matched": ("2012-03-01", 1500),
        "not_matched": ("2012-03-01", 0),
    }


def test_a_year_of_exit_with_500_hours_is_the_first_break(tmp_path: Path) -> None:
    """175 days at 20 hours a week are 500 hours (IRC 411(a)(6)(A))."""
    leaves = {
        "employee_hire_date": "2025-01-01",
        "plan_entry_date": "2025-01-01",
        "employee_termination_date": "2026-06-24",
        "account_balance_employer": 20000,
    }
    people = {
        "500_hours": leaves | {"scheduled_hours_per_week": "20"},
        "more": leaves | {"scheduled_hours_per_week": "20.01"},
    }
    database = one_year(people, {}, tmp_path)
    breaks = "SELECT employee_id, STRFTIME(break_date, '%Y-%m-%d') FROM int_leaver_accounts"
    assert by_key(database, breaks) == {"500_hours": ("2030-12-31",), "more": ("2031-12-31",)}


@pytest.mark.parametrize(("adjustment", "bound"), [(2, "maximum"), (0, "minimum")])
def test_starting_pay_stays_in_the_range_of_the_level(
    adjustment: int, bound: str, tmp_path: Path
) -> None:
    people = {f"p{n}": {} for n in range(10)}
    settings = {"simulation": {"target_growth_rate": "0.5"}}
    levers = {"new_hire_salary_adjustment": adjustment}
    database = simulate(World(people, (2026, 2026), settings, levers), tmp_path)
    paid = f"""
        SELECT hires.employee_id, hires.compensation_amount - levels.{bound}_compensation
        FROM fct_yearly_events AS hires
        INNER JOIN inputs.job_levels AS levels
          ON hires.level_id = levels.level_id
        WHERE hires.event_type = 'hire'
    """
    assert list(by_key(database, paid).values()) == [(0,)] * 5


def test_the_wage_base_is_carried_on_in_steps_of_300(tmp_path: Path) -> None:
    """184,500 for 2026 (SSA), with 2.5% more 189,112.50."""
    settings = {"limits": {"assumed_cpi_growth": "0.025"}}
    database = simulate(World({"p": {}}, (2026, 2027), settings), tmp_path)
    bases = "SELECT simulation_year, social_security_wage_base FROM int_plan_limits"
    found = by_key(database, bases)
    assert (found[2026], found[2027]) == ((184500,), (189000,))


def test_thresholds_of_ownership_and_pay_must_be_exceeded(tmp_path: Path) -> None:
    """HCE: more than 5% or 160,000 in 2025 (414(q)). Key: more than 5%, more than 1% with more than
    150,000, or an officer with more than 230,000 (416(i)). Catch-up only as Roth: wages of more
    than 150,000 (414(v)(7))."""
    people = {
        "5_percent": {"ownership_pct": "0.05"},
        "over_5_percent": {"ownership_pct": "0.050001"},
        "paid_160000": {"prior_year_gross_pay": 160000},
        "paid_over_160000": {"prior_year_gross_pay": "160000.01"},
        "1_percent": {"ownership_pct": "0.01", "prior_year_gross_pay": "150000.01"},
        "over_1_percent_paid_150000": {"ownership_pct": "0.010001", "prior_year_gross_pay": 150000},
        "over_1_percent": {"ownership_pct": "0.010001", "prior_year_gross_pay": "150000.01"},
        "officer_paid_230000": {"is_officer": True, "prior_year_gross_pay": 230000},
    }
    database = one_year(people, {}, tmp_path / "owners")
    found = "SELECT employee_id FROM int_hce WHERE is_hce"
    assert set(by_key(database, found)) == {
        *("over_5_percent", "paid_over_160000", "officer_paid_230000"),
    }
    keys = "SELECT employee_id FROM int_key_employees"
    assert set(by_key(database, keys)) == {"over_5_percent", "over_1_percent"}
    roth = "SELECT employee_id FROM int_plan_year WHERE must_catch_up_roth"
    assert set(by_key(database, roth)) == {
        *("paid_160000", "paid_over_160000", "1_percent", "over_1_percent", "officer_paid_230000"),
    }
    more = {"officer": {"is_officer": True, "prior_year_gross_pay": "230000.01"}}
    database = one_year(more, {}, tmp_path / "officer")
    assert set(by_key(database, keys)) == {"officer"}


@pytest.mark.parametrize(("balance", "is_top_heavy"), [(600_000, False), (600_001, True)])
def test_a_plan_is_top_heavy_above_60_percent(
    balance: int, is_top_heavy: bool, tmp_path: Path
) -> None:
    people = {
        "key": {"ownership_pct": "0.1", "account_balance_employee": balance},
        "other": {"account_balance_employee": 400_000},
    }
    database = one_year(people, {}, tmp_path)
    assert by_key(database, "SELECT is_top_heavy FROM int_top_heavy") == {is_top_heavy: ()}


def test_a_match_for_seven_of_ten_covers_enough(tmp_path: Path) -> None:
    """70% of the others against all of the highly compensated (IRC 410(b)(1)(B))."""
    people = {"highly_paid": {"prior_year_gross_pay": 200000}} | {
        f"p{n}": {"scheduled_hours_per_week": 40 if n < 7 else 15} for n in range(10)
    }
    settings = {"plan": {"match": HALF_OF_SIX | {"eligibility": {"hours": 1000}}}}
    database = one_year(people, settings, tmp_path)
    coverage = """
        SELECT method, tested_value, passed
        FROM fct_compliance_tests
        WHERE test = 'coverage_410b'
    """
    assert by_key(database, coverage) == {"401k": (100, True), "401m": (70, True)}


def test_leavers_with_500_hours_and_no_match_are_left_out_of_coverage(tmp_path: Path) -> None:
    """175 days at 20 hours a week are 500 hours (26 CFR 1.410(b)-6(f))."""
    leaves = {"employee_termination_date": "2026-06-24"}
    people = {
        "highly_paid": {"prior_year_gross_pay": 200000},
        "500_hours": leaves | {"scheduled_hours_per_week": "20"},
        "more": leaves | {"scheduled_hours_per_week": "20.01"},
        "stays": {},
    }
    settings = {
        "workforce": {"total_termination_rate": "0.5"},
        "simulation": {"target_growth_rate": "-0.5"},
        "plan": {"match": HALF_OF_SIX | {"eligibility": {"last_day": True}}},
    }
    database = one_year(people, settings, tmp_path)
    coverage = """
        SELECT method, nhce_count, tested_value
        FROM fct_compliance_tests
        WHERE test = 'coverage_410b'
    """
    assert by_key(database, coverage) == {"401k": (3, 100), "401m": (2, 50)}


def test_a_match_for_the_last_day_is_for_who_is_employed_on_it(tmp_path: Path) -> None:
    """Half of 6% of 60,000. Without the last day there is no true-up either."""
    saves = {"employee_deferral_rate": "0.06"}
    people = {
        "stays": saves,
        "stays_as_well": saves,
        "leaves_with_it": saves | {"employee_termination_date": "2026-12-31"},
        "leaves_before_it": saves | {"employee_termination_date": "2026-12-30"},
    }
    settings = {
        "simulation": {"target_growth_rate": "-0.5"},
        "workforce": {"total_termination_rate": "0.5"},
        "plan": {"match": HALF_OF_SIX | {"eligibility": {"last_day": True}}},
    }
    database = one_year(people, settings, tmp_path)
    match = "SELECT employee_id, employer_match FROM fct_workforce_snapshot"
    assert by_key(database, match) == {
        "stays": (1800,),
        "stays_as_well": (1800,),
        "leaves_with_it": (1800,),
        "leaves_before_it": (0,),
    }


def test_small_balances_are_paid_out_after_the_delay_and_no_larger_ones(tmp_path: Path) -> None:
    """At most 7,000 vested without consent (IRC 411(a)(11)(A)), 30 days after the exit."""
    leaves = {"employee_termination_date": "2026-06-30"}
    people = {
        "small": leaves | {"account_balance_employee": 7000},
        "larger": leaves | {"account_balance_employee": "7000.01"},
    }
    forfeitures = {"distribution_delay_days": 30, "cash_out_limit": 7000}
    database = one_year(people, {"plan": {"forfeitures": forfeitures}}, tmp_path)
    paid_out = """
        SELECT employee_id, STRFTIME(effective_date, '%Y-%m-%d'), amount, reason
        FROM fct_yearly_events
        WHERE event_type = 'distribution'
    """
    assert by_key(database, paid_out) == {"small": ("2026-07-30", 7000, "cash_out")}


def test_starting_pay_is_rounded_once(tmp_path: Path) -> None:
    """(32,000 + 0.850688 x 26,000) x 0.95 = 51,411.9936, 50,960.015 x 0.95 = 48,412.01425 and
    88,994.332 x 0.95 = 84,544.6154: the places in the ranges are the draws of the first hires."""
    people = {f"p{number}": {} for number in range(20)}
    settings = {"simulation": {"target_growth_rate": "1"}}
    levers = {"new_hire_salary_adjustment": "0.95"}
    database = simulate(World(people, (2026, 2026), settings, levers), tmp_path)
    hired = """
        SELECT employee_id, compensation_amount
        FROM fct_yearly_events
        WHERE event_type = 'hire'
          AND employee_id IN ('NH_2026_000001', 'NH_2026_000004', 'NH_2026_000010')
    """
    assert by_key(database, hired) == {
        "NH_2026_000001": (Decimal("51411.99"),),
        "NH_2026_000004": (Decimal("48412.01"),),
        "NH_2026_000010": (Decimal("84544.62"),),
    }


def test_additive_merit_is_a_share_of_the_pay_before_cola(tmp_path: Path) -> None:
    """30,750.17 and 3% of 30,000.17, which is 31,650.1751."""
    people = {"p": {"employee_gross_compensation": "30000.17"}}
    settings = {"compensation": {"compounding": "cola_plus_merit"}}
    levers = {"cola_rate": "0.025", "merit_base": "0.03"}
    database = simulate(World(people, (2026, 2026), settings, levers), tmp_path)
    raised = """
        SELECT event_type, compensation_amount
        FROM fct_yearly_events
        WHERE event_type IN ('cola', 'merit')
    """
    assert by_key(database, raised) == {
        "cola": (Decimal("30750.17"),),
        "merit": (Decimal("31650.18"),),
    }
