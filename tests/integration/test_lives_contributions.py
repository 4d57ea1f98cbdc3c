"""Test lives of contributions and limits: the expected numbers are worked out by hand."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orchestrator.event_history import replay_year
from tests.lives import HALF_OF_SIX, Row, World, by_key, one_year, simulate

BASIC = {
    "formula": "tiers",
    "tiers": [{"rate": "1", "up_to": "0.03"}, {"rate": "0.5", "up_to": "0.05"}],
    "safe_harbor": "basic",
}
AGED_52 = "1974-06-15"

pytestmark = pytest.mark.usefixtures("lives_home")


def test_deferrals_above_the_plan_maximum_are_catch_up(tmp_path: Path) -> None:
    """Catch-up begins at any limit, also the plan's own, and ends at the room of the age."""
    pay = {"employee_gross_compensation": 100000}
    people = {
        "young": pay | {"employee_deferral_rate": "0.20"},
        "within_the_room": pay | {"employee_deferral_rate": "0.15", "employee_birth_date": AGED_52},
        "beyond_the_room": pay | {"employee_deferral_rate": "0.20", "employee_birth_date": AGED_52},
    }
    settings = {"plan": {"deferrals": {"maximum_rate": "0.10"}}}
    got = by_key(
        one_year(people, settings, tmp_path),
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
    got = by_key(
        one_year(people, settings, tmp_path),
        "SELECT employee_id, employer_match, employer_profit_sharing, employer_nonelective "
        "FROM fct_workforce_snapshot",
    )
    assert got == {
        "owner": (8000, 2000, 0),
        "saves_nothing": (0, 500, 1000),
        "saves": (2000, 500, 0),
    }


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
    database = one_year(people, settings, tmp_path)
    money = "employee_catch_up, employer_match, employer_profit_sharing, annual_additions"
    assert by_key(database, f"SELECT employee_id, {money} FROM fct_workforce_snapshot") == {
        "over": (8000, 6000, 16000, 72000)
    }
    balances = "SELECT account, closing_balance FROM fct_participant_accounts"
    assert by_key(database, balances) == {
        "employee_pre_tax": (8000,),
        "employer_match": (6000,),
        "employer_nonelective": (50000,),
        "employer_profit_sharing": (16000,),
    }


def test_the_log_tells_the_total_of_catch_up_whatever_made_it_catch_up(tmp_path: Path) -> None:
    """Above the plan's 7% it is 6,400 of 320,000; annual additions turn the last 4,800 of the
    deferrals below into catch-up as well, so from October on two rows share source and day."""
    people = {
        "over": {
            "employee_birth_date": "1965-12-31",
            "employee_gross_compensation": 320000,
            "employee_deferral_rate": "0.09",
            "employee_roth_share": 1,
        }
    }
    settings = {
        "payroll": {"frequency": "monthly"},
        "plan": {
            "deferrals": {"maximum_rate": "0.07"},
            "match": {"formula": "tiers", "tiers": [{"rate": "1", "up_to": "0.05"}]},
            "profit_sharing": {"formula": "pro_rata", "share_of_pay": "0.12"},
        },
    }
    contributed = (
        "SELECT event_sequence, source, CAST(event_payload->>'year_to_date' AS DECIMAL(18, 2)), "
        "SUM(amount) OVER (PARTITION BY source ORDER BY event_sequence) FROM fct_yearly_events "
        "WHERE event_type = 'contribution' ORDER BY event_sequence"
    )
    told = list(by_key(one_year(people, settings, tmp_path), contributed).values())
    assert [total for _, total, _ in told] == [total for _, _, total in told]
    catch_up = [total for source, total, _ in told if source == "employee_roth_catch_up"]
    assert len(catch_up) == 15 and catch_up[-1] == 11200


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
    database = one_year(people, settings, tmp_path)
    account = (
        "SELECT employee_id, closing_balance, distributed - earnings - contributions "
        "FROM fct_participant_accounts WHERE account = 'employee_pre_tax'"
    )
    assert by_key(database, account) == {"over": (0, 0)}
    additions = "SELECT employee_id, annual_additions FROM fct_workforce_snapshot"
    assert by_key(database, additions)["over"] == (20000 if nonelective == "1" else 24000,)
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
    assert by_key(one_year(people, settings, tmp_path), refunds) == {"over": (17300, 4325)}


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
    database = one_year(people, settings, tmp_path)
    moved = (
        "SELECT event_type, SUM(amount) FROM fct_yearly_events "
        "WHERE event_category = 'excess_annual_addition' GROUP BY event_type"
    )
    assert by_key(database, moved) == {"distribution": (18500,), "forfeiture": (12000,)}
    with duckdb.connect(str(database)) as connection:
        assert replay_year(connection, 2026).differences == []


def test_the_annual_additions_limit_leaves_the_match_of_catch_up(tmp_path: Path) -> None:
    """24,500 + 20,000 + 70,000 exceed 72,000 by 42,500: all of the 24,500 are returned, 12,000 of
    them matched, and 6,000 come off profit sharing. The 8,000 of catch-up stay, and so does the
    match of them.
    """
    people = {
        "over": {
            "employee_birth_date": AGED_52,
            "employee_gross_compensation": 200000,
            "employee_deferral_rate": "0.1625",
        }
    }
    settings = {
        "plan": {
            "match": {"formula": "tiers", "tiers": [{"rate": "1", "up_to": "0.10"}]},
            "profit_sharing": {"formula": "pro_rata", "share_of_pay": "0.35"},
        }
    }
    database = one_year(people, settings, tmp_path)
    moved = (
        "SELECT event_type, SUM(amount) FROM fct_yearly_events "
        "WHERE event_category = 'excess_annual_addition' GROUP BY event_type"
    )
    assert by_key(database, moved) == {"distribution": (24500,), "forfeiture": (12000,)}
    money = "employer_profit_sharing, annual_additions"
    kept = f"SELECT employee_id, {money} FROM fct_workforce_snapshot"
    assert by_key(database, kept) == {"over": (64000, 72000)}


def test_permitted_disparity_is_rounded_once(tmp_path: Path) -> None:
    """3% of 184,500.17 and 3% of the 0.17 above the wage base of 184,500 are 5,535.0102."""
    people = {"above": {"employee_gross_compensation": "184500.17"}}
    disparity = {"formula": "permitted_disparity", "rate": "0.03", "excess_rate": "0.03"}
    paid = "SELECT employee_id, employer_nonelective FROM fct_workforce_snapshot"
    database = one_year(people, {"plan": {"nonelective": disparity}}, tmp_path)
    assert by_key(database, paid) == {"above": (Decimal("5535.01"),)}


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
    got = by_key(one_year(people, settings, tmp_path), given)
    assert got["saves_nothing"] == (Decimal(minimum),)


def test_distributions_in_service_count_for_top_heaviness_for_five_years(tmp_path: Path) -> None:
    """IRC 416(g)(3)(B): 2,000 above the limit of 70,000 go back to the key employee in 2025. At the
    end of 2026 there are 142,000 against 94,760, which is 59.98%, but 144,000 count: 60.31%.
    """
    people = {
        "key": {
            "ownership_pct": "0.10",
            "employee_gross_compensation": 100000,
            "employee_deferral_rate": "0.22",
        },
        "saves_nothing": {"employee_gross_compensation": 103000},
    }
    settings = {
        "plan": {
            "match": BASIC,
            "nonelective": {"formula": "flat", "rate": "0.46"},
            "vesting": {"employer_match": "immediate"},
        }
    }
    tested = (
        "SELECT plan_year::VARCHAR, tested_value FROM fct_compliance_tests "
        "WHERE test = 'top_heavy' AND plan_year > 2025"
    )
    got = by_key(simulate(World(people, (2025, 2027), settings), tmp_path), tested)
    assert got == {"2026": (Decimal("60.31"),), "2027": (Decimal("60.31"),)}


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
    assert by_key(one_year(people, settings, tmp_path), matched) == {7: (2800,)}


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
    assert by_key(database, steps) == {"employer_nonelective": (date(2026, 3, 1), 1)}


@pytest.mark.parametrize(
    ("better_matched", "leaves", "others_average"),
    [
        # 6,000 on 2,400, where half are matched at 50%: only 5% of pay count
        (["a"], {}, "3.00"),
        # the better half is matched at 10% / 6% of 6% of pay, twice of which is more than 250%
        (["a", "b"], {}, "7.33"),
        # those who stay are matched better than that half; two hired for the leavers do not defer
        (["a"], {"b": "2026-06-30", "c": "2026-06-30"}, "2.80"),
    ],
)
def test_disproportionate_match_does_not_help_the_test(
    tmp_path: Path, better_matched: list[str], leaves: dict[str, str], others_average: str
) -> None:
    """26 CFR 1.401(m)-2(a)(5)(ii): match that singles out a few does not count in the ACP."""
    people = {
        name: {
            "employee_hire_date": "2000-03-01" if name in better_matched else "2018-03-01",
            "plan_entry_date": "2019-01-01",
            "employee_deferral_rate": "0.04",
            "employee_termination_date": leaves.get(name),
        }
        for name in "abc"
    }
    people["high"] = people["c"] | {
        "employee_gross_compensation": 200000,
        "employee_termination_date": None,
    }
    bands = [
        {"from": 0, "to": 15, "tiers": [{"rate": "0.5", "up_to": "0.06"}]},
        {"from": 15, "to": None, "tiers": [{"rate": "2.5", "up_to": "0.04"}]},
    ]
    settings = {"plan": {"match": {"formula": "service_graded", "bands": bands}}}
    got = by_key(
        one_year(people, settings, tmp_path),
        "SELECT test, hce_value, nhce_value FROM fct_compliance_tests WHERE test = 'acp'",
    )
    assert got == {"acp": (2, Decimal(others_average))}


HIGH = {"employee_gross_compensation": 200000}
OTHERS = {f"other_{n}": {"employee_deferral_rate": "0.02"} for n in range(4)}
HALF_OF_TEN = {"formula": "tiers", "tiers": [{"rate": "0.5", "up_to": "0.10"}]}
THREE_AND_TWO = {
    "formula": "tiers",
    "tiers": [{"rate": "1", "up_to": "0.03"}, {"rate": "0.5", "up_to": "0.05"}],
}


@pytest.mark.parametrize(
    ("person", "plan", "refund", "forfeited"),
    [
        # 8,000 stay and still earn the capped 2,000
        (HIGH | {"employee_deferral_rate": "0.06"}, HALF_OF_SIX | {"dollar_cap": 2000}, 4000, 0),
        # 8,000 stay: 6,000 + 1,000 instead of 6,000 + 2,000
        (HIGH | {"employee_deferral_rate": "0.05"}, THREE_AND_TWO, 2000, 1000),
        # a tier that gives nothing changes nothing: the last 2% were not matched
        (
            HIGH | {"employee_deferral_rate": "0.05"},
            {"formula": "tiers", "tiers": [*THREE_AND_TWO["tiers"][:1], {"rate": 0, "up_to": "1"}]},
            2000,
            0,
        ),
        # 32,500 with catch-up, of which 12,250 earned by 24,500; 17,800 stay and earn 8,900
        (
            {
                "employee_gross_compensation": 245000,
                "employee_deferral_rate": "0.20",
                "employee_birth_date": AGED_52,
                "employee_roth_share": 1,
            },
            HALF_OF_TEN,
            14700,
            3350,
        ),
    ],
)
def test_match_is_forfeited_only_where_the_deferrals_that_stay_do_not_earn_it(
    tmp_path: Path, person: Row, plan: Row, refund: int, forfeited: int
) -> None:
    """IRC 411(a)(3)(G): what is forfeited is the match on the deferrals that are returned."""
    got = by_key(
        one_year({"high": person} | OTHERS, {"plan": {"match": plan}}, tmp_path),
        "SELECT employee_id, refund_amount, forfeited_match "
        "FROM fct_compliance_corrections WHERE test = 'adp'",
    )
    assert got == {"high": (refund, forfeited)}


def test_deferrals_beyond_a_capped_match_are_returned_before_others(tmp_path: Path) -> None:
    """24,500 + 5,000 + 54,000 exceed 72,000 by 11,500; the match of 5,000 needs only 10,000."""
    settings = {
        "plan": {
            "match": HALF_OF_SIX | {"dollar_cap": 5000},
            "profit_sharing": {"formula": "pro_rata", "share_of_pay": "0.15"},
        }
    }
    person = {"employee_gross_compensation": 400000, "employee_deferral_rate": "0.10"}
    got = by_key(
        one_year({"over": person}, settings, tmp_path),
        "SELECT event_type, SUM(amount) FROM fct_yearly_events "
        "WHERE event_type IN ('distribution', 'forfeiture') GROUP BY event_type",
    )
    assert got == {"distribution": (11500,)}


def test_cents_of_pay_dates_do_not_exceed_the_match_of_the_compensation_limit(
    tmp_path: Path,
) -> None:
    """Half of 5% of 360,000 is 9,000, however many pay dates it is rounded on (401(a)(17))."""
    person = {"employee_gross_compensation": 487654, "employee_deferral_rate": "0.05"}
    match = {"formula": "tiers", "tiers": [{"rate": "0.5", "up_to": "0.05"}], "true_up": False}
    settings = {"payroll": {"frequency": "biweekly"}, "plan": {"match": match}}
    got = by_key(
        one_year({"high": person}, settings, tmp_path),
        "SELECT employee_id, employer_match FROM fct_workforce_snapshot",
    )
    assert got == {"high": (9000,)}


def test_match_taken_back_does_not_count_as_top_heavy_minimum(tmp_path: Path) -> None:
    """IRC 416(c)(2): who withdraws automatic deferrals is owed 3% beyond the match that went."""
    nobody_elects = {
        "min_pay": 0,
        "max_pay": None,
        "voluntary_participation": 0,
        "automatic_participation": 0,
        "change_multiplier": 1,
    }
    settings = {
        "payroll": {"frequency": "monthly"},
        "behavior": {
            "frozen": False,
            "opt_out_rate": 1,
            "affirmative_election_rate": 0,
            "annual_enrollment_factor": 0,
            "stop_rate": 0,
            "increase_rate": 0,
            "decrease_rate": 0,
            "income_bands": [nobody_elects],
        },
        "plan": {
            "automatic_enrollment": {
                "enabled": True,
                "default_rate": "0.06",
                "scope": "all_eligible",
                "wait_days": 0,
            },
            "match": {"formula": "tiers", "tiers": [{"rate": 1, "up_to": "0.06"}]},
        },
    }
    people = {
        "owner": {
            "ownership_pct": "0.2",
            "account_balance_employee": 500000,
            "employee_gross_compensation": 240000,
            "employee_deferral_rate": "0.05",
        },
        "n0": {},
    }
    got = by_key(
        one_year(people, settings, tmp_path),
        "SELECT employee_id, SUM(amount) FILTER (WHERE event_type = 'forfeiture'), "
        "SUM(amount) FILTER (WHERE source = 'employer_nonelective') "
        "FROM fct_yearly_events WHERE employee_id = 'n0' GROUP BY employee_id",
    )
    [(forfeited, minimum)] = got.values()
    assert forfeited > 0
    assert minimum == 1800


def test_forfeitures_pay_the_employer_money_of_the_year_and_no_more(tmp_path: Path) -> None:
    """Of 4,000 forfeited, 1,500 pay the match of the year and 1,500 that of the next."""
    people = {
        "saves": {"employee_deferral_rate": "0.05"},
        "left": {
            "employee_hire_date": "2024-01-02",
            "plan_entry_date": "",
            "employee_termination_date": "2024-11-30",
            "account_balance_employer": 4000,
        },
    }
    settings = {"plan": {"match": HALF_OF_SIX}}
    database = simulate(World(people, (2025, 2026), settings), tmp_path)
    account = """
        SELECT simulation_year, incurred, used, closing_held, employer_cost
        FROM fct_forfeiture_account
    """
    assert by_key(database, account) == {2025: (4000, 1500, 2500, 0), 2026: (0, 1500, 1000, 0)}
