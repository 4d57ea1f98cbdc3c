"""Explanations: equal to the published snapshot to the cent, for every kind of person and year."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from orchestrator.cli import app
from orchestrator.explanation import (
    Explanation,
    StaleResultError,
    UnknownEmployeeError,
    UnknownYearError,
    explain,
    explain_person,
    open_year,
)
from orchestrator.publishing import published_database

EARLIER_YEAR, LAST_YEAR = 2026, 2027
TOKEN = "token-of-a-social-security-number"

# Kind of person: the condition that finds one in the snapshot of the year.
KINDS = {
    "capped by 402(g)": "employee_id IN (SELECT employee_id FROM fct_yearly_events AS e WHERE "
    "e.simulation_year = s.simulation_year AND e.event_category = '402g_limit_reached')",
    "catching up": "employee_catch_up > 0",
    "enrolled automatically": "enrollment_method = 'auto' "
    "AND YEAR(enrollment_date) = simulation_year",
    "leaver": "employment_status = 'terminated' AND employer_match > 0",
    "highly compensated": "is_hce AND employer_match > 0",
    "promoted": "employee_id IN (SELECT employee_id FROM fct_yearly_events AS e WHERE "
    "e.simulation_year = s.simulation_year AND e.event_type = 'promotion')",
}


def _silent(line: str) -> None:
    pass


@dataclass
class Year:
    """A year opened for explanations, beside the published file."""

    year: int
    workings: duckdb.DuckDBPyConnection
    published: duckdb.DuckDBPyConnection

    def person(self, condition: str) -> dict[str, Any]:
        """The snapshot row of one person who meets the condition."""
        row = self.published.execute(
            f"SELECT * FROM fct_workforce_snapshot AS s WHERE simulation_year = ? "
            f"AND {condition} ORDER BY employee_id LIMIT 1",
            [self.year],
        )
        [found] = row.to_arrow_table().to_pylist()
        return found

    def explain(self, employee_id: str) -> Explanation:
        return explain_person(self.workings, employee_id, self.year)


@pytest.fixture(scope="module", params=[EARLIER_YEAR, LAST_YEAR])
def opened(
    request: pytest.FixtureRequest,
    small_home: Path,
    small_run_db: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Year]:
    """A year before the last, computed again, and the last, as published."""
    directory = tmp_path_factory.mktemp("explain")
    shutil.copytree(small_home / "dbt", directory / "dbt")
    with (
        pytest.MonkeyPatch.context() as environment,
        duckdb.connect(str(small_run_db), read_only=True) as published,
    ):
        environment.setenv("PLANWISE_HOME", str(directory))
        with open_year(small_run_db, request.param, _silent) as workings:
            yield Year(request.param, workings, published)


def _amount(explanation: Explanation, section: str, text: str) -> Decimal:
    [step] = [step for step in explanation.section(section).steps if step.text.startswith(text)]
    assert step.amount is not None
    return step.amount


def _total(explanation: Explanation, section: str, *columns: str) -> Decimal:
    table = explanation.section(section).table
    assert table is not None
    return sum(table.rows[-1][table.columns.index(column)] for column in columns)


@pytest.mark.parametrize("kind", KINDS)
def test_amounts_are_those_of_the_snapshot_to_the_cent(opened: Year, kind: str) -> None:
    person = opened.person(KINDS[kind])
    shown = opened.explain(person["employee_id"])
    assert (
        _amount(shown, "Pay of the year", "paid in the year")
        == (person["prorated_annual_compensation"])
    )
    assert _amount(shown, "Pay of the year", "annual rate") == person["current_compensation"]
    assert _total(shown, "Pay dates", "pre tax") == person["employee_pre_tax"]
    assert _total(shown, "Pay dates", "roth") == person["employee_roth"]
    assert _total(shown, "Pay dates", "catch up", "roth catch up") == person["employee_catch_up"]
    assert _amount(shown, "Match", "match of the year") == person["employer_match"]
    assert _amount(shown, "Match", "true-up") == person["employer_match_true_up"]
    assert _amount(shown, "Annual additions", "annual additions") == person["annual_additions"]
    assert _total(shown, "Accounts of the year", "closing") == person["account_balance"]
    assert _total(shown, "Accounts of the year", "vested balance") == person["vested_balance"]
    vesting = shown.section("Vesting").steps[0].text
    assert vesting.startswith(f"{person['vesting_service_years']} years of vesting service")
    statements = {step.text for step in shown.section("Highly compensated").steps}
    assert ("highly compensated" in statements) == person["is_hce"]


@pytest.mark.parametrize("kind", KINDS)
def test_rates_and_days_add_up_to_the_pay_of_the_year(opened: Year, kind: str) -> None:
    shown = opened.explain(opened.person(KINDS[kind])["employee_id"])
    rates = shown.section("Pay of the year").table
    assert rates is not None
    assert rates.columns[:3] == ("from date", "days", "annual rate")
    cent_days = sum(int(row[1]) * int(row[2] * 100) for row in rates.rows)
    paid = _amount(shown, "Pay of the year", "paid in the year")
    assert (2 * cent_days + 365) // (2 * 365) == int(paid * 100)


def test_a_limit_that_stops_deferrals_is_dated(opened: Year) -> None:
    person = opened.person(KINDS["capped by 402(g)"])
    limits = opened.explain(person["employee_id"]).section("Limits of deferrals and pay")
    assert "402(g)" in limits.heading
    [limit] = [step.amount for step in limits.steps if step.text.startswith("402(g) limit")]
    [(day, reached)] = [
        (step.text[:10], step.amount) for step in limits.steps if "402g limit reached" in step.text
    ]
    assert reached == limit == person["employee_pre_tax"] + person["employee_roth"]
    assert day.startswith(str(opened.year))


def test_what_the_annual_additions_limit_takes_is_told_to_the_cent(
    fresh_home: Path, tmp_path: Path
) -> None:
    census = tmp_path / "census.csv"
    census.write_text(
        "employee_id,employee_birth_date,employee_hire_date,employee_gross_compensation,"
        "employee_deferral_rate\nE1,1970-05-06,2015-01-01,400000,0.03\n"
    )
    settings = [
        "plan.nonelective={formula: flat, rate: 0.30}",
        "plan.profit_sharing={formula: pro_rata, share_of_pay: 0.10}",
        "workforce.total_termination_rate=0",
        "simulation.start_year=2026",
    ]
    overrides = [argument for setting in settings for argument in ("--set", setting)]
    arguments = ["run", "--years", "2026:2026", "--census", str(census), *overrides]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    shown = explain(published_database("baseline"), "E1", 2026, _silent)
    before, limit, *reductions, after = shown.section("Annual additions").steps
    assert [step.text for step in reductions] == [
        "first, deferrals turned into catch-up, $8,000.00 of them moved to the Roth account "
        "(IRC 414(v)(7))",
        "then pre-tax deferrals returned",
        "match of them forfeited",
        "then profit sharing not allocated",
        "last, nonelective contributions not made",
    ]
    assert before.amount - sum(step.amount for step in reductions) == after.amount == limit.amount


def test_automatic_enrollment_is_told_with_its_draw_and_day(opened: Year) -> None:
    person = opened.person(KINDS["enrolled automatically"])
    texts = [step.text for step in opened.explain(person["employee_id"]).section("Elections").steps]
    assert any("participation drawn 0." in text for text in texts)
    day = person["enrollment_date"].isoformat()
    assert any(text.startswith(f"{day}: enrolled automatically") for text in texts)


def test_every_event_of_the_year_is_named_by_its_number(opened: Year) -> None:
    person = opened.person(KINDS["promoted"])
    events = opened.explain(person["employee_id"]).section("Events").table
    numbers = opened.published.execute(
        "SELECT event_sequence FROM fct_yearly_events WHERE employee_id = ? "
        "AND simulation_year = ? ORDER BY event_sequence",
        [person["employee_id"], opened.year],
    ).fetchall()
    assert events is not None
    assert [row[0] for row in events.rows] == [number for (number,) in numbers]


def test_a_former_participant_is_explained_by_his_accounts(opened: Year) -> None:
    employee_id, closing = opened.published.execute(
        "SELECT employee_id, SUM(closing_balance) FROM fct_participant_accounts AS a "
        "ANTI JOIN fct_workforce_snapshot AS s USING (employee_id, simulation_year) "
        "WHERE simulation_year = ? GROUP BY employee_id ORDER BY employee_id LIMIT 1",
        [opened.year],
    ).fetchone()
    shown = opened.explain(employee_id)
    titles = [section.title for section in shown.sections]
    assert titles[0] == "Person"
    assert "Pay of the year" not in titles
    assert "only the accounts are left" in shown.sections[0].steps[2].text
    assert _total(shown, "Accounts of the year", "closing") == closing
    assert len(shown.section("Accounts after leaving").table.rows) >= 1


def test_a_wrong_id_suggests_ids_of_the_year(opened: Year) -> None:
    known = opened.person("employment_status = 'active'")["employee_id"]
    with pytest.raises(UnknownEmployeeError, match=rf"Nearest ids: .*{known}"):
        opened.explain(f"{known}X")


@pytest.fixture
def altered(small_run_db: Path, fresh_home: Path, tmp_path: Path) -> tuple[Path, str, str]:
    """A copy of the result: everybody has a token, and the second person's match is raised."""
    database = tmp_path / "simulation.duckdb"
    shutil.copyfile(small_run_db, database)
    with duckdb.connect(str(database)) as connection:
        for (table,) in connection.execute(
            "SELECT table_name FROM duckdb_columns() WHERE column_name = 'employee_ssn'"
        ).fetchall():
            schema = "inputs" if table == "census" else "main"
            connection.execute(f"UPDATE {schema}.{table} SET employee_ssn = ?", [TOKEN])
        people = connection.execute(
            "SELECT employee_id FROM fct_workforce_snapshot WHERE simulation_year = ? "
            "AND employer_match > 0 ORDER BY employee_id LIMIT 2",
            [LAST_YEAR],
        ).fetchall()
        first, second = (employee_id for (employee_id,) in people)
        connection.execute(
            "UPDATE fct_workforce_snapshot SET employer_match = employer_match + 1 "
            "WHERE simulation_year = ? AND employee_id = ?",
            [LAST_YEAR, second],
        )
    return database, first, second


def test_no_token_is_shown_and_a_result_of_other_code_is_refused(
    altered: tuple[Path, str, str],
) -> None:
    database, untouched, raised = altered
    with open_year(database, LAST_YEAR, _silent) as workings:
        assert TOKEN not in repr(explain_person(workings, untouched, LAST_YEAR))
        with pytest.raises(StaleResultError, match=r"match .*, published .*run the scenario again"):
            explain_person(workings, raised, LAST_YEAR)


def test_a_year_outside_the_result_is_refused_before_any_work(small_run_db: Path) -> None:
    told: list[str] = []
    with pytest.raises(UnknownYearError, match="2025, 2026, 2027"):
        explain(small_run_db, "EMP_0000001", 2031, told.append)
    assert told == []


def test_the_command_prints_sections_amounts_and_what_it_does(home_with_result: Path) -> None:
    [database] = home_with_result.glob("published/baseline/*/simulation.duckdb")
    with duckdb.connect(str(database), read_only=True) as published:
        employee_id, match = published.execute(
            "SELECT employee_id, employer_match FROM fct_workforce_snapshot "
            f"WHERE simulation_year = {EARLIER_YEAR} AND employer_match > 1000 "
            "ORDER BY employee_id LIMIT 1"
        ).fetchone()
    shown = CliRunner().invoke(app, ["explain", employee_id, str(EARLIER_YEAR)])
    assert shown.exit_code == 0, shown.output
    assert f"${match:,.2f}" in shown.stdout
    for reference in ("410(a)", "402(g)", "414(v)", "401(a)(17)", "415(c)", "414(q)", "411(a)"):
        assert reference in shown.stdout
    assert f"Computing the workings of {EARLIER_YEAR}" in shown.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["NOBODY", "2027"], "There is no NOBODY in 2027. Nearest ids: "),
        (["EMP_0000001", "2031"], "The years of this result are 2025, 2026, 2027"),
    ],
)
def test_the_command_refuses_with_one_message(
    home_with_result: Path, arguments: list[str], message: str
) -> None:
    refused = CliRunner().invoke(app, ["explain", *arguments])
    assert refused.exit_code == 1
    assert message in refused.stderr
    assert "Traceback" not in refused.output
