"""Test lives whose catch-up must be Roth (IRC 414(v)(7)); the expected numbers are by hand."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.lives import Row, by_key, one_year

pytestmark = pytest.mark.usefixtures("lives_home")

SAVER: dict[str, object] = {
    "employee_birth_date": "1974-06-15",
    "employee_gross_compensation": 240000,
    "prior_year_gross_pay": 240000,
    "employee_deferral_rate": "0.06",
}
"""Aged 52, paid more than 150,000 last year; defers 14,400, and has 8,000 of catch-up room."""

DEFERRALS = """
    SELECT
      employee_id,
      employee_pre_tax,
      employee_roth,
      employee_catch_up - employee_roth_catch_up,
      employee_roth_catch_up
    FROM fct_workforce_snapshot
"""


def nonelective(rate: str) -> dict[str, object]:
    return {"nonelective": {"formula": "flat", "rate": rate}}


def accounts(database: Path, who: str) -> dict[str, tuple[Decimal]]:
    """Closing balances of the deferral accounts of a person in the last year."""
    return by_key(
        database,
        "SELECT account, closing_balance FROM fct_participant_accounts "
        f"WHERE employee_id = '{who}' AND account IN ('employee_pre_tax', 'employee_roth') "
        "ORDER BY simulation_year",
    )


def test_annual_additions_become_roth_catch_up_from_roth_deferrals_first(tmp_path: Path) -> None:
    """14,400 and 25% of 240,000 exceed 72,000 by 2,400. Roth deferrals count first; pre-tax dollars
    make up the rest and go to the Roth account. At wages of 150,000 the Roth rule does not hold."""
    people = {
        "pre_tax": SAVER,
        "tenth": SAVER | {"employee_roth_share": "0.1"},
        "half": SAVER | {"employee_roth_share": "0.5"},
        "at_the_threshold": SAVER | {"prior_year_gross_pay": 150000},
    }
    settings = {"payroll": {"frequency": "monthly"}, "plan": nonelective("0.25")}
    database = one_year(people, settings, tmp_path)
    assert by_key(database, DEFERRALS) == {
        "pre_tax": (12000, 0, 0, 2400),
        "tenth": (12000, 0, 0, 2400),
        "half": (7200, 4800, 0, 2400),
        "at_the_threshold": (12000, 0, 2400, 0),
    }
    held = {who: accounts(database, who) for who in people}
    assert held == {
        "pre_tax": {"employee_pre_tax": (12000,), "employee_roth": (2400,)},
        "tenth": {"employee_pre_tax": (12000,), "employee_roth": (2400,)},
        "half": {"employee_pre_tax": (7200,), "employee_roth": (7200,)},
        "at_the_threshold": {"employee_pre_tax": (14400,)},
    }
    told = """
        SELECT
          (employee_id, event_sequence),
          MONTH(effective_date),
          amount,
          CAST(event_payload->>'year_to_date' AS DECIMAL(18, 2))
        FROM fct_yearly_events
        WHERE source = 'employee_roth_catch_up' AND employee_id IN ('pre_tax', 'tenth')
        ORDER BY employee_id, event_sequence
    """
    assert list(by_key(database, told).values()) == [
        *((11, 1200, 1200), (12, 1200, 2400)),
        # of each 1,200 the 120 of Roth, and in December 960 of the 1,080 pre-tax dollars
        *((month, 120, 120 * month) for month in range(1, 13)),
        (12, 960, 2400),
    ]


def test_without_roth_in_the_plan_annual_additions_do_not_become_catch_up(tmp_path: Path) -> None:
    """The excess of 2,400 is returned where catch-up would have to be Roth."""
    people = {"over": SAVER, "at_the_threshold": SAVER | {"prior_year_gross_pay": 150000}}
    settings = {"plan": {"deferrals": {"roth": False}} | nonelective("0.25")}
    database = one_year(people, settings, tmp_path)
    assert by_key(database, DEFERRALS) == {
        "over": (14400, 0, 0, 0),
        "at_the_threshold": (12000, 0, 2400, 0),
    }
    assert accounts(database, "over") == {"employee_pre_tax": (12000,)}
    assert accounts(database, "at_the_threshold") == {"employee_pre_tax": (14400,)}


@pytest.mark.parametrize("annual_return", ["0", "-0.5"])
def test_what_became_roth_catch_up_is_not_there_to_be_returned(
    annual_return: str, tmp_path: Path
) -> None:
    """All 14,400 are beyond 72,000: 8,000 become Roth, and 6,400 or what losses have left of them
    are returned, which empties the pre-tax account."""
    settings = {
        "payroll": {"frequency": "monthly"},
        "plan": {"balances": {"annual_return": annual_return}} | nonelective("0.3"),
    }
    database = one_year({"over": SAVER}, settings, tmp_path)
    contributed = (
        "SELECT account, contributions, distributed = contributions + earnings, "
        "distributed FROM fct_participant_accounts WHERE account LIKE 'employee%'"
    )
    got = by_key(database, contributed)
    assert got["employee_pre_tax"][:2] == (6400, True)
    assert got["employee_roth"] == (8000, False, 0)


def test_leavers_are_paid_the_roth_catch_up_from_the_roth_account(tmp_path: Path) -> None:
    """600 and 95% of the 6,000 of 73 days exceed all pay by 300; 6,300 are paid out."""
    people = {
        "leaves": SAVER
        | {
            "employee_gross_compensation": 30000,
            "employee_deferral_rate": "0.1",
            "employee_termination_date": "2026-03-14",
        },
        "stays": {"employee_deferral_rate": "0.05"},
    }
    database = one_year(people, {"plan": nonelective("0.95")}, tmp_path)
    paid_out = (
        "SELECT source, amount, reason FROM fct_yearly_events "
        "WHERE employee_id = 'leaves' AND event_type = 'distribution'"
    )
    assert by_key(database, paid_out) == {
        "employee_pre_tax": (300, "cash_out"),
        "employee_roth": (300, "cash_out"),
        "employer_nonelective": (5700, "cash_out"),
    }


HIGHLY_PAID = SAVER | {
    "employee_gross_compensation": 200000,
    "prior_year_gross_pay": 200000,
    "employee_deferral_rate": "0.1",
}


@pytest.mark.parametrize(
    ("person", "plan", "catch_up", "refund", "held"),
    [
        ({}, {}, 0, 10000, {"employee_pre_tax": (10000,)}),
        (
            {"employee_roth_share": "0.2"},
            {},
            4000,
            6000,
            {"employee_pre_tax": (10000,), "employee_roth": (4000,)},
        ),
        (
            {"employee_roth_share": "0.5"},
            {},
            8000,
            2000,
            {"employee_pre_tax": (8000,), "employee_roth": (10000,)},
        ),
        # paid 150,000 last year, and highly compensated as an owner
        (
            {"prior_year_gross_pay": 150000, "ownership_pct": "0.06"},
            {},
            8000,
            2000,
            {"employee_pre_tax": (18000,)},
        ),
        # 76,000 exceed 72,000 by the 4,000 of Roth deferrals: they are catch-up already
        (
            {"employee_roth_share": "0.2"},
            nonelective("0.28"),
            0,
            6000,
            {"employee_pre_tax": (10000,), "employee_roth": (4000,)},
        ),
        (
            {},
            {"deferrals": {"roth": False}},
            0,
            10000,
            {"employee_pre_tax": (10000,)},
        ),
    ],
)
def test_a_failed_test_makes_no_more_catch_up_than_there_are_roth_deferrals(
    person: Row,
    plan: Row,
    catch_up: int,
    refund: int,
    held: dict[str, tuple[int]],
    tmp_path: Path,
) -> None:
    """An ADP of 10% beside one of 3% comes down to 5%: 20,000 fall by 10,000, or by 6,000 where
    annual additions have taken 4,000. What is not Roth and would have to be is refunded."""
    people = {"high": HIGHLY_PAID | person, "other": {"employee_deferral_rate": "0.03"}}
    database = one_year(people, {"plan": plan}, tmp_path)
    corrected = (
        "SELECT employee_id, recharacterized_as_catch_up, refund_amount "
        "FROM fct_compliance_corrections WHERE test = 'adp'"
    )
    assert by_key(database, corrected) == {"high": (catch_up, refund)}
    assert accounts(database, "high") == held
