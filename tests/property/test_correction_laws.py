"""Laws of the ADP and ACP corrections, on the SQL that dbt runs."""

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from decimal import Decimal

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.simulation_lab import CATALOG, CompiledProject

YEAR = 2026
TESTS, CORRECTIONS = "fct_compliance_tests", "fct_compliance_corrections"
CENT = Decimal("0.01")

TABLES = f"""
CREATE SCHEMA inputs;
CREATE TABLE inputs.settings AS SELECT
  's' AS scenario_id, 'p' AS plan_design_id, 'tiers' AS plan__match__formula,
  TRUE AS plan__match__on_catch_up, 'none' AS plan__match__safe_harbor,
  'current' AS plan__compliance__adp_acp_method,
  'none' AS plan__nonelective__formula, 'none' AS plan__profit_sharing__formula;
CREATE TABLE people (
  employee_id VARCHAR, is_hce BOOLEAN, capped_compensation DECIMAL(18,2),
  regular_deferrals DECIMAL(18,2), testing_match DECIMAL(18,2), unmatched_deferrals DECIMAL(18,2),
  catch_up_room_left DECIMAL(18,2), match_share DECIMAL(9,6)
);
CREATE VIEW int_plan_money AS SELECT
  employee_id, FALSE AS is_long_term_part_time, capped_compensation, regular_deferrals,
  testing_match, unmatched_deferrals, catch_up_room_left,
  regular_deferrals - unmatched_deferrals AS matched_deferrals,
  regular_deferrals AS match_compensation,
  [{{
    'rate': CAST(COALESCE(testing_match * 1000000 / NULLIF(matched_deferrals, 0), 0) AS BIGINT),
    'from_rate': CAST(0 AS BIGINT), 'up_to': CAST(1000000 AS BIGINT),
    'match_before': CAST(0 AS BIGINT)
  }}] AS match_tiers,
  -- no match is more than pay, so none is disproportionate
  capped_compensation AS elective_deferrals,
  CAST(0 AS DECIMAL(18,2)) AS match_at_six_percent,
  CAST(0 AS DECIMAL(18,2)) AS employer_nonelective,
  CAST(0 AS DECIMAL(18,2)) AS employer_profit_sharing,
  CAST(0 AS DECIMAL(18,2)) AS forfeiture_allocation
FROM people;
CREATE VIEW int_plan_year AS SELECT
  employee_id, DATE '{YEAR}-12-31' AS last_date, CAST(NULL AS DATE) AS exit_date,
  CAST(2080 AS DECIMAL(9,2)) AS hours_in_year, DATE '2020-01-01' AS match_start_date,
  TRUE AS is_match_eligible
FROM people;
CREATE VIEW int_hce AS SELECT employee_id, is_hce FROM people;
CREATE VIEW int_vesting AS SELECT employee_id, match_share FROM people;
CREATE TABLE int_top_heavy AS SELECT
  CAST(10 AS DECIMAL(9,6)) AS top_heavy_ratio, 1 AS key_count, 2 AS participant_count,
  FALSE AS is_exempt, FALSE AS is_top_heavy;
"""


@dataclass(frozen=True)
class Person:
    is_hce: bool
    pay: Decimal
    deferrals: Decimal
    match: Decimal
    unmatched: Decimal
    room: Decimal
    vested: Decimal


def _money(least: int, most: int) -> st.SearchStrategy[Decimal]:
    return st.integers(least * 100, most * 100).map(lambda cents: cents * CENT)


@st.composite
def _person(draw: st.DrawFn, is_hce: bool, most: int) -> Person:
    pay = draw(_money(1, 360_000))
    deferrals = min(draw(_money(0, most)), pay)
    return Person(
        is_hce,
        pay,
        deferrals,
        match=min(draw(_money(0, most)), pay),
        unmatched=min(draw(_money(0, most)), deferrals),
        room=draw(st.sampled_from([Decimal(0), Decimal("333.33"), Decimal(8000)])),
        vested=draw(st.sampled_from([Decimal(0), Decimal("0.2"), Decimal("0.6"), Decimal(1)])),
    )


PEOPLE = st.builds(
    list.__add__,
    st.lists(_person(is_hce=True, most=24_500), min_size=1, max_size=8),
    st.lists(_person(is_hce=False, most=3_000), min_size=1, max_size=5),
)

# Golden case E03.
PUBLISHED_EXAMPLE = [
    Person(True, Decimal(200_000), Decimal(12_000), Decimal(0), Decimal(0), Decimal(0), Decimal(1)),
    Person(True, Decimal(128_000), Decimal(8_960), Decimal(0), Decimal(0), Decimal(0), Decimal(1)),
    Person(False, Decimal(100_000), Decimal(3_000), Decimal(0), Decimal(0), Decimal(0), Decimal(1)),
]


class Plan:
    """The compiled models over a table of people."""

    def __init__(self, models: dict[str, str]) -> None:
        self._models = models
        self.connection = duckdb.connect()
        self.connection.execute(f"ATTACH ':memory:' AS {CATALOG}")
        self.connection.execute(f"USE {CATALOG}")
        self.connection.execute(TABLES)

    def fill(self, people: list[Person]) -> None:
        self.connection.execute("DELETE FROM people")
        for number, person in enumerate(people):
            self.connection.execute(
                """
                INSERT INTO people (employee_id, is_hce, capped_compensation, regular_deferrals,
                  testing_match, unmatched_deferrals, catch_up_room_left, match_share)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [f"P{number}", *astuple(person)],
            )

    def select(self, columns: str, model: str, tail: str = "") -> list[tuple]:
        return self.connection.execute(
            f"SELECT {columns} FROM ({self._models[model]}) {tail}"
        ).fetchall()


@pytest.fixture(scope="module")
def plan(compiled_project: CompiledProject) -> Iterator[Plan]:
    models = compiled_project.models(YEAR, is_first=True)
    plan = Plan({model.name: model.select for model in models})
    yield plan
    plan.connection.close()


@given(people=PEOPLE)
@example(people=PUBLISHED_EXAMPLE)
@settings(max_examples=60, deadline=None)
def test_what_is_given_back_is_the_excess_to_the_cent(plan: Plan, people: list[Person]) -> None:
    plan.fill(people)
    excess = dict(plan.select("test, excess_amount", TESTS, "WHERE test IN ('adp', 'acp')"))
    given_back = dict.fromkeys(excess, Decimal(0))
    levelled = dict.fromkeys(excess, Decimal(0))
    for row in plan.select(
        "test, tested_amount, levelled_amount, excess_amount, recharacterized_as_catch_up, "
        "refund_amount, forfeited_match",
        CORRECTIONS,
    ):
        test, tested, level, amount, catch_up, refund, forfeited = row
        assert min(row[1:]) >= 0
        assert max(amount, level) <= tested
        assert amount == catch_up + refund + (forfeited if test == "acp" else 0)
        given_back[test] += amount
        levelled[test] += level
    assert given_back == excess
    assert levelled == excess


@given(people=PEOPLE)
@example(people=PUBLISHED_EXAMPLE)
@settings(max_examples=60, deadline=None)
def test_with_the_ratios_levelled_both_tests_pass(plan: Plan, people: list[Person]) -> None:
    plan.fill(people)
    for employee, test, levelled, forfeited in plan.select(
        "employee_id, test, levelled_amount, forfeited_match", CORRECTIONS
    ):
        deferrals, match = (levelled, forfeited) if test == "adp" else (0, levelled)
        plan.connection.execute(
            "UPDATE people SET regular_deferrals = regular_deferrals - ?, "
            "testing_match = testing_match - ? WHERE employee_id = ?",
            [deferrals, match, employee],
        )
    assert plan.select("test", TESTS, "WHERE test IN ('adp', 'acp') AND NOT passed") == []


@given(people=PEOPLE)
@settings(max_examples=60, deadline=None)
def test_the_largest_dollars_come_down_to_one_level(plan: Plan, people: list[Person]) -> None:
    plan.fill(people)
    excess = dict(plan.select("employee_id, excess_amount", CORRECTIONS, "WHERE test = 'adp'"))
    left = {
        f"P{number}": person.deferrals - excess.get(f"P{number}", 0)
        for number, person in enumerate(people)
        if person.is_hce
    }
    reduced = [left[employee] for employee, amount in excess.items() if amount > 0]
    if reduced:
        assert max(reduced) - min(reduced) <= CENT
        assert max(left.values()) <= min(reduced) + CENT


def test_a_ratio_at_the_level_already_is_not_cut(plan: Plan) -> None:
    """8% and 5.004%, which is 5.00%, are to be 5% on average: 3,000 of the 8,000 and nothing of the
    5,004; in dollars these 3,000 bring both down to 5,002."""
    amounts = [(True, 8_000), (True, 5_004), (False, 3_000)]
    nothing, pay = Decimal(0), Decimal(100_000)
    plan.fill(
        [
            Person(is_hce, pay, Decimal(deferred), nothing, nothing, nothing, Decimal(1))
            for is_hce, deferred in amounts
        ]
    )
    assert plan.select("employee_id, levelled_amount, excess_amount", CORRECTIONS) == [
        ("P0", 3000, 2998),
        ("P1", 0, 2),
    ]
