"""Test lives of failed ADP and ACP tests and what follows from them; the numbers are by hand."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.lives import World, by_key, one_year, simulate

pytestmark = pytest.mark.usefixtures("lives_home")

RICH: dict[str, object] = {
    "prior_year_gross_pay": 200000,
    "employee_gross_compensation": 200000,
}


def test_excess_match_that_is_forfeited_goes_to_others(tmp_path: Path) -> None:
    """An ACP of 4% beside one of 1% takes 4,000 of match, of which 60% are not vested: 2,400, which
    are shared out the year after by those whose match was not reduced (IRC 401(m)(6)(C))."""
    people = {
        "reduced": RICH
        | {
            "employee_hire_date": "2022-03-01",
            "plan_entry_date": "2022-03-01",
            "employee_deferral_rate": "0.02",
        },
        "other": {"employee_deferral_rate": "0.02"},
        "third": {"employee_deferral_rate": "0.02", "employee_gross_compensation": 30000},
    }
    bands = [
        {"from": 0, "to": 10, "tiers": [{"rate": "2", "up_to": "0.06"}]},
        {"from": 10, "to": None, "tiers": [{"rate": "0.5", "up_to": "0.06"}]},
    ]
    settings = {
        "plan": {
            "match": {"formula": "service_graded", "frequency": "annual", "bands": bands},
            "forfeitures": {"use": "reallocate"},
        }
    }
    database = simulate(World(people, (2025, 2026), settings), tmp_path)
    forfeited = """
        SELECT simulation_year, reason, amount
        FROM fct_yearly_events
        WHERE event_type = 'forfeiture'
          AND simulation_year = 2025
    """
    assert by_key(database, forfeited) == {2025: ("excess_aggregate_contribution", 2400)}
    allocated = """
        SELECT employee_id, forfeiture_allocation
        FROM fct_workforce_snapshot
        WHERE simulation_year = 2026
    """
    assert by_key(database, allocated) == {"reduced": (0,), "other": (1600,), "third": (800,)}


@pytest.mark.parametrize(
    ("is_matched", "forfeited", "acp", "match_left"),
    [
        (True, 1000, Decimal("4.5"), 6000),
        (False, 5000, Decimal("2.5"), 5000),
    ],
)
def test_deferrals_that_a_failed_test_makes_catch_up_are_matched_only_if_the_plan_matches_catch_up(
    tmp_path: Path, is_matched: bool, forfeited: int, acp: Decimal, match_left: int
) -> None:
    """An ADP of 10% beside one of 3% takes 10,000: 8,000 become catch-up, 2,000 are refunded. Half
    of each is match. Where it all goes, the ACP of 2.5% passes beside 1.5%; 4.5% fails, by 3,000.
    """
    people = {
        "high": RICH
        | {
            "employee_birth_date": "1974-06-15",
            "employee_deferral_rate": "0.1",
            "employee_roth_share": 1,
        },
        "other": {"employee_deferral_rate": "0.03"},
    }
    match = {
        "formula": "tiers",
        "tiers": [{"rate": "0.5", "up_to": "0.10"}],
        "frequency": "annual",
        "on_catch_up": is_matched,
    }
    database = one_year(
        people, {"plan": {"match": match, "deferrals": {"maximum_rate": 1}}}, tmp_path
    )
    adp = """
        SELECT test, recharacterized_as_catch_up, refund_amount, forfeited_match
        FROM fct_compliance_corrections
        WHERE test = 'adp'
    """
    assert by_key(database, adp) == {"adp": (8000, 2000, forfeited)}
    tested = "SELECT test, hce_value, passed FROM fct_compliance_tests WHERE test = 'acp'"
    assert by_key(database, tested) == {"acp": (acp, not is_matched)}
    closing = """
        SELECT account, closing_balance
        FROM fct_participant_accounts
        WHERE employee_id = 'high'
    """
    assert by_key(database, closing) == {
        "employee_roth": (18000,),
        "employer_match": (match_left,),
    }


def test_a_leaver_whose_annual_additions_were_returned_is_corrected_after_the_tests_too(
    tmp_path: Path,
) -> None:
    """Paid 99,178.08 until 30 June, 14,876.71 deferred; 64,465.75 of employer money exceed 72,000
    by 7,342.46, which are returned. Of 7,534.25 the ADP of 7.60% beside 1.33% takes all above
    2.66% of pay."""
    people = {
        "leaver": RICH
        | {
            "employee_deferral_rate": "0.15",
            "employee_termination_date": "2026-06-30",
            "account_balance_employee": 100000,
        },
        "other": {"employee_deferral_rate": "0.02"},
        "third": {"employee_deferral_rate": "0.02"},
    }
    settings = {
        "behavior": {"distribution_election_rate": 0},
        "plan": {
            "nonelective": {"formula": "flat", "rate": "0.65"},
            "deferrals": {"maximum_rate": 1},
        },
    }
    database = one_year(people, settings, tmp_path)
    paid = (
        "SELECT effective_date, reason, amount FROM fct_yearly_events WHERE reason LIKE 'excess%'"
    )
    assert by_key(database, paid) == {
        date(2026, 6, 30): ("excess_annual_addition", Decimal("7342.46")),
        date(2026, 12, 31): ("excess_contribution", Decimal("4896.12")),
    }
    closing = """
        SELECT account, closing_balance
        FROM fct_participant_accounts
        WHERE employee_id = 'leaver'
    """
    assert by_key(database, closing) == {
        "employee_pre_tax": (Decimal("102638.13"),),
        "employer_nonelective": (Decimal("64465.75"),),
    }


def test_what_was_returned_to_a_leaver_is_not_paid_a_second_time_out_of_a_loss(
    tmp_path: Path,
) -> None:
    """Nobody else defers, so all 7,534.25 that stay on 30 June are owed; half a year at -50% leaves
    the 184/365th power of a half of it."""
    people = {
        "leaver": RICH
        | {"employee_deferral_rate": "0.15", "employee_termination_date": "2026-06-30"},
        "other": {},
    }
    settings = {
        "behavior": {"distribution_election_rate": 0},
        "plan": {
            "nonelective": {"formula": "flat", "rate": "0.65"},
            "deferrals": {"maximum_rate": 1},
            "balances": {"annual_return": "-0.5"},
        },
    }
    database = one_year(people, settings, tmp_path)
    paid = """
        SELECT SUM(amount) FILTER (WHERE reason = 'excess_annual_addition'),
          SUM(amount) FILTER (WHERE reason = 'excess_contribution')
        FROM fct_yearly_events
    """
    [(returned, (refunded,))] = by_key(database, paid).items()
    assert returned == Decimal("7342.46")
    assert refunded == Decimal("5312.37")
    closing = """
        SELECT account, closing_balance
        FROM fct_participant_accounts
        WHERE employee_id = 'leaver'
          AND account = 'employee_pre_tax'
    """
    assert by_key(database, closing) == {"employee_pre_tax": (0,)}
