"""Laws of the plan on whole populations: random people under random designs, few but wide.

Every simulation is the project's compiled SQL (tests/simulation_lab.py).
"""

import random
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.lives import World, census_of, inputs_of
from tests.random_plans import (
    PAY_DATES,
    YEAR,
    deferral_ladders,
    designs,
    frequencies,
    matches,
    pay_ladders,
    people,
    person,
    seeds,
)
from tests.simulation_lab import CompiledProject, Lab

Design = Mapping[str, Any]


def wide(examples: int) -> Any:
    """Few examples, because each is a population; the same ones every time, and not reduced."""
    phases = (Phase.explicit, Phase.generate)
    return settings(max_examples=examples, deadline=None, derandomize=True, phases=phases)


@pytest.fixture(scope="module")
def project(lab_home: Path, compiled_project: CompiledProject) -> Iterator[CompiledProject]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PLANWISE_HOME", str(lab_home))
        yield compiled_project


@contextmanager
def simulated(project: CompiledProject, world: World) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of `world`, simulated."""
    with tempfile.TemporaryDirectory() as directory:
        inputs = inputs_of(world, Path(directory))
    with Lab(project, inputs, census_of(world)) as lab:
        yield lab.run()


def matched(
    project: CompiledProject, lives: Mapping[str, Any], match: Design, frequency: str
) -> dict[str, Any]:
    """Match of the year by person when nothing else happens."""
    plan = {"match": match, "deferrals": {"maximum_rate": 1}}
    world = World(lives, (YEAR, YEAR), {"payroll": {"frequency": frequency}, "plan": plan})
    with simulated(project, world) as connection:
        by_person = dict(
            connection.sql(
                "SELECT employee_id, employer_match FROM fct_workforce_snapshot"
            ).fetchall()
        )
    assert sum(by_person.values()) > 0
    return by_person


def falls(by_person: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Neighbours on a ladder of which the higher one has less."""
    ordered = sorted(by_person)
    return [
        (lower, upper)
        for lower, upper in pairwise(ordered)
        if lower.split("_")[0] == upper.split("_")[0] and by_person[upper] < by_person[lower]
    ]


@wide(4)
@given(seed=seeds, match=matches(), frequency=frequencies)
def test_match_never_falls_as_the_deferral_rises(
    project: CompiledProject, seed: int, match: Design, frequency: str
) -> None:
    """On year totals; per payroll without true-up, 402(g) punishes whoever defers early."""
    lives = deferral_ladders(seed, 24)
    assert not falls(matched(project, lives, match | {"frequency": "annual"}, frequency))


@wide(4)
@given(seed=seeds, match=matches(falling=True), frequency=frequencies)
def test_match_of_falling_tiers_never_falls_as_pay_rises(
    project: CompiledProject, seed: int, match: Design, frequency: str
) -> None:
    lives = pay_ladders(seed, 40)
    assert not falls(matched(project, lives, match | {"frequency": "annual"}, frequency))


@wide(3)
@given(seed=seeds, match=matches(falling=True), frequency=frequencies)
def test_annual_match_of_falling_tiers_covers_the_match_per_payroll(
    project: CompiledProject, seed: int, match: Design, frequency: str
) -> None:
    """Each pay date rounds its deferral and its match by at most half a cent."""
    lives = people(seed, 250)
    annual = matched(project, lives, match | {"frequency": "annual"}, frequency)
    payroll = match | {"frequency": "payroll", "true_up": False}
    per_payroll = matched(project, lives, payroll, frequency)
    rounding = PAY_DATES[frequency] * 0.02
    assert [who for who in annual if float(per_payroll[who] - annual[who]) > rounding] == []


@wide(4)
@given(seed=seeds, plan=designs(), frequency=frequencies)
def test_nobody_exceeds_the_limits_of_his_age_and_pay(
    project: CompiledProject, seed: int, plan: Design, frequency: str
) -> None:
    world = moving_world(seed, plan, frequency, years=(YEAR, YEAR))
    with simulated(project, world) as connection:
        allowed = plan["deferrals"]
        over = connection.execute(
            """
            SELECT snapshot.employee_id
            FROM fct_workforce_snapshot AS snapshot
            LEFT JOIN int_plan_year USING (employee_id)
            CROSS JOIN inputs.irs_limits AS limits
            WHERE limits.plan_year = snapshot.simulation_year
              AND (
                employee_pre_tax + employee_roth > elective_deferral_402g
                OR employee_catch_up > CASE
                  WHEN current_age < 50 OR NOT $catch_up THEN 0
                  WHEN current_age BETWEEN 60 AND 63 AND $super THEN super_catch_up_60_63
                  ELSE catch_up_50
                END
                OR must_catch_up_roth AND employee_catch_up > employee_roth_catch_up
                OR annual_additions > LEAST(annual_additions_415c, prorated_annual_compensation)
                OR employee_pre_tax + employee_roth + employee_catch_up
                  > prorated_annual_compensation
              )
            """,
            {"catch_up": allowed["catch_up"], "super": allowed["super_catch_up"]},
        ).fetchall()
        assert over == []
        # The law is worth something only where the limits bind somebody.
        [(at_the_limit,)] = connection.sql(
            "SELECT COUNT(*) FROM int_plan_money WHERE employee_pre_tax + employee_roth = 24500"
        ).fetchall()
        assert at_the_limit > 0


@wide(3)
@given(seed=seeds, plan=designs(), frequency=frequencies)
def test_every_dollar_of_two_moving_years_is_accounted_for(
    project: CompiledProject, seed: int, plan: Design, frequency: str
) -> None:
    world = moving_world(seed, plan, frequency, years=(YEAR, YEAR + 1))
    with simulated(project, world) as connection:
        assert sources_beside_totals(connection) == []
        assert forfeitures_unaccounted(connection) == []
        assert accounts_that_do_not_walk(connection) == []
        assert refunds_beside_the_excess(connection) == []
        assert vesting_falls(connection) == []
        assert connection.sql("SELECT SUM(incurred) FROM fct_forfeiture_account").fetchone()[0] > 0


def moving_world(seed: int, plan: Design, frequency: str, years: tuple[int, int]) -> World:
    """300 people of whom some leave, are hired, are promoted, and choose for themselves."""
    return World(
        people(seed, 300),
        years,
        {
            "simulation": {"random_seed": seed, "target_growth_rate": 0.03},
            "workforce": {"total_termination_rate": 0.12, "new_hire_termination_rate": 0.25},
            "payroll": {"frequency": frequency},
            "behavior": {"frozen": False, "opt_out_rate": 0.05},
            "plan": plan,
        },
        {"cola_rate": 0.025, "promotion_probability": 0.1, "promotion_raise": 0.08},
    )


def sources_beside_totals(connection: duckdb.DuckDBPyConnection) -> list[tuple]:
    """Contributions of the log by person and year that are not the snapshot's."""
    return connection.sql("""
        WITH logged AS (
          SELECT simulation_year, employee_id, SUM(amount) AS amount,
            SUM(amount) FILTER (WHERE source IN ('employer_match', 'employer_match_true_up')) AS m
          FROM fct_yearly_events WHERE event_type = 'contribution'
          GROUP BY ALL
        )
        SELECT snapshot.employee_id
        FROM fct_workforce_snapshot AS snapshot
        LEFT JOIN logged USING (simulation_year, employee_id)
        WHERE COALESCE(logged.amount, 0) <> employee_pre_tax + employee_roth + employee_catch_up
            + employer_match + employer_nonelective + employer_profit_sharing
            + forfeiture_allocation
          OR COALESCE(logged.m, 0) <> employer_match
        UNION ALL
        SELECT 'summary ' || simulation_year
        FROM fct_simulation_summary AS summary
        JOIN (SELECT simulation_year, SUM(amount) AS amount FROM logged GROUP BY ALL) AS year
          USING (simulation_year)
        WHERE year.amount <> employee_contributions + employer_match + employer_nonelective
            + employer_profit_sharing + forfeitures_allocated
          OR employer_cost + forfeitures_instead_of_cash
            <> employer_match + employer_nonelective + employer_profit_sharing
    """).fetchall()


def forfeitures_unaccounted(connection: duckdb.DuckDBPyConnection) -> list[tuple]:
    """Years in which what the log forfeits is not used plus the change of what is held."""
    return connection.sql("""
        WITH logged AS (
          SELECT simulation_year, SUM(amount) AS amount
          FROM fct_yearly_events WHERE event_type = 'forfeiture' GROUP BY ALL
        ),
        account AS (
          SELECT *, LAG(closing_held, 1, 0) OVER (ORDER BY simulation_year) AS held_before
          FROM fct_forfeiture_account
        )
        SELECT simulation_year
        FROM account LEFT JOIN logged USING (simulation_year)
        WHERE incurred <> used + closing_held - held_before
          OR incurred <> COALESCE(logged.amount, 0)
          OR opening_held <> held_before
          OR closing_held < 0
    """).fetchall()


def accounts_that_do_not_walk(connection: duckdb.DuckDBPyConnection) -> list[tuple]:
    """Accounts whose closing balance is not the opening one plus what happened."""
    return connection.sql("""
        SELECT employee_id, account, simulation_year
        FROM (
          SELECT *, LAG(closing_balance) OVER (
            PARTITION BY employee_id, account ORDER BY simulation_year
          ) AS closed_before
          FROM fct_participant_accounts
        )
        WHERE closing_balance <>
            opening_balance + contributions + earnings - forfeited - distributed
          OR closing_balance < 0
          OR opening_balance <> COALESCE(closed_before, opening_balance)
          OR vested_balance > closing_balance
    """).fetchall()


def refunds_beside_the_excess(connection: duckdb.DuckDBPyConnection) -> list[tuple]:
    """Failed tests whose corrections do not sum to the excess."""
    return connection.sql("""
        SELECT tests.simulation_year, tests.test
        FROM fct_compliance_tests AS tests
        LEFT JOIN (
          SELECT simulation_year, test, SUM(excess_amount) AS excess,
            SUM(recharacterized_as_catch_up + refund_amount)
              + SUM(forfeited_match) FILTER (WHERE test = 'acp') AS given_back_acp,
            SUM(recharacterized_as_catch_up + refund_amount) AS given_back_adp
          FROM fct_compliance_corrections
          GROUP BY ALL
        ) AS corrected USING (simulation_year, test)
        WHERE tests.test IN ('adp', 'acp')
          AND (
            tests.excess_amount <> COALESCE(corrected.excess, 0)
            OR tests.excess_amount
              <> COALESCE(IF(test = 'acp', given_back_acp, given_back_adp), 0)
          )
    """).fetchall()


def vesting_falls(connection: duckdb.DuckDBPyConnection) -> list[tuple]:
    """Years of service with a lower vested share than fewer years have, before retirement age."""
    return connection.sql("""
        SELECT source, service_years
        FROM (
          SELECT source, service_years, MIN(share) AS least,
            LAG(MAX(share)) OVER (PARTITION BY source ORDER BY service_years) AS most_before
          FROM (
            SELECT service_years,
              UNNEST(['match', 'nonelective', 'profit_sharing']) AS source,
              UNNEST([match_share, nonelective_share, profit_sharing_share]) AS share
            FROM int_vesting JOIN int_plan_year USING (employee_id)
            WHERE age < 65
          )
          GROUP BY source, service_years
        )
        WHERE least < most_before
    """).fetchall()


@wide(3)
@given(seed=seeds, share=st.sampled_from([0.15, 0.20, 0.30]))
def test_the_source_of_employer_money_does_not_change_the_415_result(
    project: CompiledProject, seed: int, share: float
) -> None:
    """Pay in whole hundreds and everybody above the matched rate: the same cents three ways."""
    rng = random.Random(seed)
    lives = {
        f"E{number:03d}": row
        | {
            "plan_entry_date": row["employee_hire_date"],
            "employee_deferral_rate": rng.choice([0.1, 0.3, 0.75]),
        }
        for number in range(250)
        for row in [person(rng, pay_step=100)]
    }
    ways = (
        {"match": {"formula": "tiers", "tiers": [{"rate": 5, "up_to": share / 5}]}},
        {"nonelective": {"formula": "flat", "rate": share}},
        {"profit_sharing": {"formula": "pro_rata", "share_of_pay": share}},
    )
    results = []
    for way in ways:
        with simulated(project, World(lives, (YEAR, YEAR), {"plan": way})) as connection:
            results.append(
                connection.sql("""
                    SELECT employee_id, annual_additions_before_limit, annual_additions,
                      recharacterized_as_catch_up
                    FROM int_plan_money ORDER BY employee_id
                """).fetchall()
            )
    assert any(before > after for _, before, after, _ in results[0])
    assert results[0] == results[1] == results[2]


@wide(4)
@given(seed=seeds)
def test_with_the_levelled_deferrals_the_adp_test_passes(
    project: CompiledProject, seed: int
) -> None:
    rng = random.Random(seed)
    lives = {
        f"E{number:03d}": person(rng)
        | {
            "employee_birth_date": "1990-01-01",
            "employee_hire_date": "2015-01-01",
            "scheduled_hours_per_week": 40,
            "employee_gross_compensation": rng.randint(*pay),
            "employee_deferral_rate": rng.randint(0, most) / 1000,
            "ownership_pct": 0,
        }
        for number in range(200)
        for pay, most in [((170_000, 330_000), 74) if number % 4 == 0 else ((30_000, 140_000), 25)]
    }
    corrected = {who: dict(row) for who, row in lives.items()}
    with simulated(project, World(lives, (YEAR, YEAR))) as connection:
        assert not adp_passes(connection)
        for who, tested, levelled in connection.sql(
            "SELECT employee_id, tested_amount, levelled_amount FROM fct_compliance_corrections"
        ).fetchall():
            pay = lives[who]["employee_gross_compensation"]
            corrected[who]["employee_deferral_rate"] = (
                int((tested - levelled) / pay * 10**6) / 10**6
            )
    with simulated(project, World(corrected, (YEAR, YEAR))) as connection:
        assert adp_passes(connection)


def adp_passes(connection: duckdb.DuckDBPyConnection) -> bool:
    return connection.sql("SELECT passed FROM fct_compliance_tests WHERE test = 'adp'").fetchone()[
        0
    ]
