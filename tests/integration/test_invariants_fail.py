"""Each check has been seen to fail: a finished result is tampered with, one lie at a time."""

from collections.abc import Iterator

import pytest

from config.loading import load_simulation
from tests.people import everybody
from tests.simulation_lab import CompiledProject, Lab

YEARS = (2025, 2026)
HIGHLY_PAID = 150_000
# Hardly anybody else defers, so ADP and ACP fail and there are corrections to tamper with.
SETTINGS = ("plan.automatic_enrollment.enabled=false", "plan.escalation.enabled=false")
FAILS_HONESTLY = {"compliance_adp", "compliance_acp"}

EVENT = "UPDATE fct_yearly_events SET {} WHERE simulation_year = 2026 AND event_id = ({})"
ONE_STATUS = """
    SELECT MIN(event_id) FROM fct_yearly_events
    WHERE simulation_year = 2026 AND event_type = 'hce_status'
"""
LATEST_STATUS = ONE_STATUS.replace("MIN", "MAX")
ONE_CONTRIBUTION = """
    SELECT MIN(event_id) FROM fct_yearly_events
    WHERE simulation_year = 2026 AND event_type = 'contribution' AND source = 'employee_pre_tax'
      AND MONTH(effective_date) = 3
"""
STATUS_OF_A_LEAVER = """
    SELECT MIN(event_id)
    FROM fct_yearly_events AS events
    INNER JOIN fct_workforce_snapshot AS people USING (simulation_year, employee_id)
    WHERE simulation_year = 2026 AND event_type IN ('hce_status', 'compliance')
      AND termination_date < DATE '2026-12-01'
"""
MERIT_OF_A_LEAVER = """
    SELECT MIN(event_id)
    FROM fct_yearly_events AS events
    INNER JOIN fct_workforce_snapshot AS people USING (simulation_year, employee_id)
    WHERE simulation_year = 2026 AND event_type = 'merit' AND termination_date IS NOT NULL
"""
LAST_RAISE_OF_A_STAYER = """
    SELECT MIN(event_id)
    FROM fct_yearly_events AS events
    INNER JOIN fct_workforce_snapshot AS people USING (simulation_year, employee_id)
    WHERE simulation_year = 2026 AND event_type = 'merit' AND termination_date IS NULL
      AND events.compensation_amount = people.current_compensation
"""
COLA_BEFORE_A_LATER_RAISE = """
    SELECT MIN(event_id)
    FROM fct_yearly_events AS events
    SEMI JOIN (SELECT * FROM fct_yearly_events WHERE event_type = 'merit') AS later
      ON events.employee_id = later.employee_id AND later.simulation_year = 2026
    WHERE simulation_year = 2026 AND event_type = 'cola'
"""
LEAVING_DAY = """(
    SELECT termination_date FROM fct_workforce_snapshot AS people
    WHERE people.simulation_year = 2026 AND people.employee_id = fct_yearly_events.employee_id
)"""
PERSON = """UPDATE fct_workforce_snapshot SET {} WHERE simulation_year = 2026 AND employee_id = (
    SELECT MIN(employee_id) FROM fct_workforce_snapshot WHERE simulation_year = 2026 AND {}
)"""
ACCOUNT = """UPDATE fct_participant_accounts SET {} WHERE simulation_year = {} AND rowid = (
    SELECT MIN(rowid) FROM fct_participant_accounts
    WHERE simulation_year = {} AND account = '{}' AND opening_balance > 1000
      AND closing_balance > 1000 AND termination_date IS NULL
)"""
SUMMARY = "UPDATE fct_simulation_summary SET {0} = {0} + 0.01 WHERE simulation_year = 2026"
LIMIT = "UPDATE int_plan_limits SET {} WHERE simulation_year = 2026"
FRIDAY = """UPDATE fct_balance_intervals SET {} WHERE rowid = (
    SELECT MAX(intervals.rowid) FROM fct_balance_intervals AS intervals
    INNER JOIN int_fridays AS fridays ON intervals.last_friday = fridays.friday
      AND intervals.simulation_year = fridays.simulation_year
    WHERE fridays.snapshot_date = DATE '2026-12-25' AND intervals.opening_balance > 1000
)"""
FORFEITURES = "UPDATE fct_forfeiture_account SET {} WHERE simulation_year = 2026"
TEST = "UPDATE fct_compliance_tests SET {} WHERE simulation_year = 2026 AND test = '{}'"
CORRECTION = """UPDATE fct_compliance_corrections SET {} WHERE rowid = (
    SELECT MIN(rowid) FROM fct_compliance_corrections
    WHERE simulation_year = 2026 AND test = 'adp' AND refund_amount > 1
)"""
DRIFT = "INSERT INTO inputs.census_drift VALUES ('{}', 130, 130, 0.5, 0.0, 0.1, TRUE)"


def _account(change: str, year: int = 2026, account: str = "employee_pre_tax") -> str:
    return ACCOUNT.format(change, year, year, account)


LIES: dict[str, tuple[str, set[str]]] = {
    "one more opened the year": (
        "UPDATE fct_simulation_summary SET opening_headcount = opening_headcount + 1",
        {"headcount_conservation"},
    ),
    "one more should have left": (
        "UPDATE int_workforce_needs SET experienced_terminations = experienced_terminations + 1",
        {"headcount_solve", "exit_hazards"},
    ),
    "one hire more should have left": (
        "UPDATE int_workforce_needs SET new_hire_terminations = new_hire_terminations + 1",
        {"headcount_solve", "exit_hazards"},
    ),
    "one more should have been hired": (
        "UPDATE int_workforce_needs SET hires = hires + 1",
        {"headcount_solve"},
    ),
    "one more should be there in the end": (
        "UPDATE int_workforce_needs SET closing_headcount = closing_headcount + 1",
        {"headcount_solve"},
    ),
    "somebody left without a hazard": (
        "UPDATE int_person_year SET exit_probability = 0 WHERE exit_date IS NOT NULL",
        {"exit_hazards"},
    ),
    "a cent more of merit": (SUMMARY.format("merit_payroll"), {"payroll_conservation"}),
    "an event of another year": (
        EVENT.format("effective_date = effective_date - 1", ONE_STATUS),
        {"calendar"},
    ),
    "an event after leaving": (
        EVENT.format(f"effective_date = {LEAVING_DAY} + 1", STATUS_OF_A_LEAVER),
        {"calendar"},
    ),
    "an event before being hired": (
        PERSON.format(
            "employee_hire_date = DATE '2027-01-01'",
            "employee_hire_date < DATE '2026-01-01'",
        ),
        {"calendar", "replay"},
    ),
    "a raise on the day of leaving": (
        EVENT.format(f"effective_date = {LEAVING_DAY}", MERIT_OF_A_LEAVER),
        {"calendar"},
    ),
    "an event of nobody": (
        EVENT.format("employee_id = 'GHOST'", ONE_STATUS),
        {"calendar", "replay"},
    ),
    "an event_id used twice": (
        EVENT.format(f"event_id = ({LATEST_STATUS})", ONE_STATUS),
        {"event_identity"},
    ),
    "a sequence that starts at zero": (
        EVENT.format("event_sequence = 0", ONE_STATUS),
        {"event_identity"},
    ),
    "a raise lost from the log": (
        f"DELETE FROM fct_yearly_events WHERE event_id = ({LAST_RAISE_OF_A_STAYER})",
        {"replay"},
    ),
    "a raise lost before another": (
        f"DELETE FROM fct_yearly_events WHERE event_id = ({COLA_BEFORE_A_LATER_RAISE})",
        {"pay_chain"},
    ),
    "a person lost from the snapshot": (
        """DELETE FROM fct_workforce_snapshot WHERE simulation_year = 2026 AND employee_id = (
            SELECT MIN(employee_id) FROM fct_yearly_events
            WHERE simulation_year = 2026 AND event_type = 'contribution'
        )""",
        {"replay", "calendar", "contribution_conservation"},
    ),
    "a cent more contributed in all": (
        SUMMARY.format("employee_contributions"),
        {"contribution_conservation"},
    ),
    "a cent more contributed in the log": (
        EVENT.format("amount = amount + 0.01", ONE_CONTRIBUTION),
        {"contribution_conservation", "replay", "account_flows", "last_friday"},
    ),
    "deferrals above 402(g)": (LIMIT.format("elective_deferral_limit = 100"), {"limits"}),
    "catch-up above 414(v)": (
        LIMIT.format("catch_up_limit = 0, super_catch_up_limit = 0"),
        {"limits"},
    ),
    "pre-tax catch-up where it must be Roth": (
        PERSON.format(
            "employee_roth_catch_up = 0",
            "employee_roth_catch_up > 0 AND employee_id IN (SELECT employee_id FROM int_plan_year "
            "WHERE must_catch_up_roth)",
        ),
        {"limits", "replay"},
    ),
    "additions above 415(c)": (LIMIT.format("annual_additions_limit = 100"), {"limits"}),
    "additions of the snapshot above 415(c)": (
        PERSON.format("annual_additions = annual_additions + 100000", "TRUE"),
        {"limits", "replay"},
    ),
    "an excess addition that no correction took back": (
        PERSON.format("employer_nonelective = employer_nonelective + 100000", "TRUE"),
        {"limits", "replay", "contribution_conservation"},
    ),
    "deferrals above pay": (
        PERSON.format(
            "prorated_annual_compensation = annual_additions",
            "employee_catch_up > annual_additions - employee_pre_tax - employee_roth",
        ),
        {"limits"},
    ),
    "entry later than the law": (
        """UPDATE int_plan_year SET scheduled_entry_date = statutory_latest_entry + 1
        WHERE employee_id = (
            SELECT MIN(employee_id) FROM int_plan_year
            WHERE is_newly_eligible AND eligibility_basis = 'service'
        )""",
        {"statutory_entry"},
    ),
    "a cent more of earnings": (_account("earnings = earnings + 0.01"), {"account_walk"}),
    "last year closed otherwise": (
        _account("closing_balance = closing_balance + 1", year=2025),
        {"account_opening"},
    ),
    "more vested than held": (
        _account("vested_balance = closing_balance + 0.01"),
        {"account_balances", "replay"},
    ),
    "a negative balance": (
        _account(
            "earnings = earnings - closing_balance - 1, closing_balance = -1, vested_balance = -1"
        ),
        {"account_balances", "year_end_balances", "replay"},
    ),
    "a contribution that no event made": (
        _account("contributions = contributions + 1, earnings = earnings - 1"),
        {"account_flows"},
    ),
    "a forfeiture that no event made": (
        _account("forfeited = forfeited + 1, earnings = earnings + 1"),
        {"account_flows", "forfeiture_account"},
    ),
    "a distribution that no event made": (
        _account("distributed = distributed + 1, earnings = earnings + 1"),
        {"account_flows"},
    ),
    "money of one leaver paid to another": (
        """UPDATE fct_yearly_events SET amount = amount + CASE WHEN event_id = (
            SELECT MIN(event_id) FROM full_payouts
        ) THEN 100 ELSE -100 END
        WHERE event_id IN (
            SELECT MIN(event_id) FROM full_payouts UNION ALL SELECT MAX(event_id) FROM full_payouts
        )""",
        {"account_payouts"},
    ),
    "vesting taken back": (
        _account("opening_vested_share = 1, vested_share = 0.5", account="employer_match"),
        {"vested_shares"},
    ),
    "vested beyond all": (
        _account("vested_share = 1.1", account="employer_match"),
        {"vested_shares"},
    ),
    "employee money not vested": (
        _account("opening_vested_share = 0.9, vested_share = 0.9"),
        {"vested_shares"},
    ),
    "a cent more on the last Friday than the events leave": (
        FRIDAY.format("units = units + 1000000"),
        {"year_end_balances"},
    ),
    "an opening on Fridays that is not the account's": (
        FRIDAY.format("opening_balance = opening_balance + 0.01"),
        {"year_end_balances"},
    ),
    "a Friday contribution that no event made": (
        FRIDAY.format("contributions_to_date = contributions_to_date + 1"),
        {"last_friday"},
    ),
    "a Friday forfeiture that no event made": (
        FRIDAY.format("forfeited_to_date = forfeited_to_date + 1"),
        {"last_friday"},
    ),
    "a Friday distribution that no event made": (
        FRIDAY.format("distributed_to_date = distributed_to_date + 1"),
        {"last_friday"},
    ),
    "more vested than held on a Friday": (
        FRIDAY.format("opening_vested_share = 1.1, vested_share = 1.1"),
        {"last_friday"},
    ),
    "forfeitures spent twice": (FORFEITURES.format("used = used + 1"), {"forfeiture_account"}),
    "more forfeitures spent than there were": (
        FORFEITURES.format("used = opening_held + incurred + 1, closing_held = -1"),
        {"forfeiture_account"},
    ),
    "less than no forfeitures spent": (
        FORFEITURES.format("used = -1, closing_held = opening_held + incurred + 1"),
        {"forfeiture_account"},
    ),
    "forfeitures beyond the contributions that they pay": (
        FORFEITURES.format("employer_cost = -1"),
        {"forfeiture_account"},
    ),
    "forfeitures that no account lost": (
        FORFEITURES.format("incurred = incurred + 1, closing_held = closing_held + 1"),
        {"forfeiture_account"},
    ),
    "coverage fails": (
        TEST.format("passed = FALSE", "coverage_410b"),
        {"compliance_coverage_410b"},
    ),
    "the plan is top-heavy": (TEST.format("passed = FALSE", "top_heavy"), {"compliance_top_heavy"}),
    "a refund too large": (
        CORRECTION.format("refund_amount = refund_amount + 1"),
        {"compliance_corrections"},
    ),
    "an excess that the test has not found": (
        CORRECTION.format("excess_amount = excess_amount + 1, refund_amount = refund_amount + 1"),
        {"compliance_corrections"},
    ),
    "an excess levelled by more than there is": (
        CORRECTION.format("levelled_amount = levelled_amount + 1"),
        {"compliance_corrections"},
    ),
    "a refund of less than nothing": (
        CORRECTION.format("refund_amount = -1, recharacterized_as_catch_up = excess_amount + 1"),
        {"compliance_corrections"},
    ),
    "more given back than was paid in": (
        CORRECTION.format("tested_amount = excess_amount - 1"),
        {"compliance_corrections"},
    ),
    "a test that its corrections do not pass": (
        TEST.format("limit_value = 0", "adp"),
        {"compliance_corrections"},
    ),
    "a row of the file unaccounted for": (
        "UPDATE inputs.census_load SET rejected_rows = rejected_rows + 1",
        {"census_reconciliation"},
    ),
    "a person lost in staging": (
        """DELETE FROM stg_census_data
        WHERE employee_id = (SELECT MIN(employee_id) FROM stg_census_data)""",
        {"census_reconciliation"},
    ),
    "ages drifted": (DRIFT.format("age"), {"census_drift_age"}),
    "tenures drifted": (DRIFT.format("tenure"), {"census_drift_tenure"}),
    "pay drifted": (DRIFT.format("pay"), {"census_drift_pay"}),
}
REPLAYED = {
    "level_id": ("level_id + 1", "TRUE"),
    "current_compensation": ("current_compensation + 0.01", "TRUE"),
    "employee_hire_date": ("employee_hire_date - 1", "TRUE"),
    "employee_birth_date": ("employee_birth_date - 1", "TRUE"),
    "termination_date": ("termination_date + 1", "termination_date IS NOT NULL"),
    "termination_reason": ("'lottery'", "termination_date IS NOT NULL"),
    "eligibility_date": ("eligibility_date - 1", "eligibility_date IS NOT NULL"),
    "plan_entry_date": ("plan_entry_date - 1", "plan_entry_date IS NOT NULL"),
    "enrollment_date": ("enrollment_date - 1", "enrollment_date IS NOT NULL"),
    "enrollment_method": ("'telepathy'", "enrollment_date IS NOT NULL"),
    "deferral_rate": ("deferral_rate + 0.01", "TRUE"),
    "roth_share": ("1 - roth_share", "TRUE"),
    "employment_status": ("'terminated'", "termination_date IS NULL"),
    "detailed_status_code": ("'new_hire_active'", "detailed_status_code = 'continuous_active'"),
    "is_participating": ("NOT is_participating", "TRUE"),
    "is_hce": ("NOT is_hce", "TRUE"),
    "employee_roth_catch_up": ("employee_roth_catch_up + 0.01", "TRUE"),
    "employer_match_true_up": ("employer_match_true_up + 0.01", "TRUE"),
    "annual_additions": ("annual_additions - 0.01", "annual_additions > 0"),
    "account_balance": ("account_balance + 0.01", "TRUE"),
    "vested_balance": ("vested_balance - 0.01", "vested_balance > 0"),
}
"""Columns of the snapshot that the log must give again, with a lie and whom to tell it about."""

SOURCES = (
    "employee_pre_tax",
    "employee_roth",
    "employee_catch_up",
    "employer_match",
    "employer_nonelective",
    "employer_profit_sharing",
    "forfeiture_allocation",
)
"""Columns of the snapshot whose money the log must give again."""

SWAPPED = (
    ("employee_pre_tax", "employee_roth"),
    ("employer_match", "employer_nonelective"),
    ("employer_profit_sharing", "forfeiture_allocation"),
)
"""Sources whose money cannot be taken for each other's, though the sum is the same."""

PAYOUTS = """
    CREATE TEMP TABLE full_payouts AS
    SELECT event_id FROM fct_yearly_events
    WHERE simulation_year = 2026 AND event_type = 'distribution' AND source = 'employee_pre_tax'
      AND reason IN ('termination', 'cash_out') AND effective_date < DATE '2026-12-25'
      AND amount > 200
"""


@pytest.fixture(scope="module")
def finished(compiled_project: CompiledProject) -> Iterator[Lab]:
    """Two finished years; every test undoes what it changes."""
    census = [
        person
        if person["employee_gross_compensation"] > HIGHLY_PAID
        else person | {"employee_deferral_rate": 0.01}
        for person in everybody()
    ]
    with Lab(compiled_project, load_simulation(years=YEARS, overrides=SETTINGS), census) as lab:
        lab.run()
        lab.connection.execute(PAYOUTS)
        yield lab


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_fails_its_check_and_no_other(lie: str, finished: Lab) -> None:
    statement, expected = LIES[lie]
    assert _failing_after(finished, statement) - FAILS_HONESTLY == expected


@pytest.mark.parametrize("column", REPLAYED)
def test_replay_covers_the_column(column: str, finished: Lab) -> None:
    value, whom = REPLAYED[column]
    statement = PERSON.format(f"{column} = {value}", whom)
    assert _failing_after(finished, statement) - FAILS_HONESTLY == {"replay"}


@pytest.mark.parametrize("source", SOURCES)
def test_replay_covers_the_money_of_the_source(source: str, finished: Lab) -> None:
    statement = PERSON.format(f"{source} = {source} + 0.01", "employee_pre_tax > 1")
    caught = _failing_after(finished, statement) - FAILS_HONESTLY
    assert caught == {"replay", "contribution_conservation"}


@pytest.mark.parametrize(("one", "other"), SWAPPED)
def test_replay_tells_sources_apart(one: str, other: str, finished: Lab) -> None:
    statement = PERSON.format(
        f"{one} = {one} - 0.01, {other} = {other} + 0.01", "employee_pre_tax > 1"
    )
    assert _failing_after(finished, statement) - FAILS_HONESTLY == {"replay"}


def test_honest_result_fails_only_the_tests_its_people_fail(finished: Lab) -> None:
    assert _failing(finished) == FAILS_HONESTLY


def test_every_declared_check_has_been_seen_to_fail(
    finished: Lab, compiled_project: CompiledProject
) -> None:
    node = compiled_project.manifest()["nodes"]["model.planwise.mon_data_quality"]
    seen = FAILS_HONESTLY.union(*(expected for _, expected in LIES.values()))
    assert seen == set(node["config"]["meta"]["checks"])


def _failing_after(finished: Lab, statement: str) -> set[str]:
    finished.connection.execute("BEGIN")
    try:
        [(changed,)] = finished.connection.execute(statement).fetchall()
        assert changed > 0, "nothing was tampered with"
        return _failing(finished)
    finally:
        finished.connection.execute("ROLLBACK")


def _failing(finished: Lab) -> set[str]:
    [model] = [m for m in finished.models(YEARS[-1]) if m.name == "mon_data_quality"]
    rows = finished.connection.execute(
        f"SELECT check_name FROM ({model.select}) WHERE failing_rows > 0"
    ).fetchall()
    return {name for (name,) in rows}
