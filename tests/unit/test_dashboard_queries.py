"""The dashboard's queries: walks that reconcile, estimates that start from the result."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from orchestrator.code_version import code_version
from orchestrator.failures import explanation
from orchestrator.publishing import OtherVersionError
from streamlit_dashboard import guard_rails as rails
from streamlit_dashboard.queries import (
    comparison,
    estimate,
    guard_rails,
    identity,
    people,
    plan,
    walks,
    workforce,
)
from streamlit_dashboard.queries.result import Result
from streamlit_dashboard.queries.workforce import Filter

# Two people stay, one leaves, one is hired; A gets COLA 10%, B is promoted 20% after COLA 10%.
TABLES = """
CREATE SCHEMA inputs;
CREATE TABLE fct_simulation_summary AS SELECT * FROM (VALUES
  (2025, 3, 1, 1, 0, 3, 300::DECIMAL(18,6), 20::DECIMAL(18,6), 0::DECIMAL(18,6),
   22::DECIMAL(18,6), 80::DECIMAL(18,6), 100::DECIMAL(18,6), 322::DECIMAL(18,6)),
  (2026, 3, 2, 0, 1, 4, 322, 0, 0, 0, 100, 40, 382)
) AS t(simulation_year, opening_headcount, hires, experienced_terminations, new_hire_terminations,
  closing_headcount, opening_payroll, cola_payroll, merit_payroll, promotion_payroll,
  hire_payroll, exit_payroll, closing_payroll);
CREATE TABLE int_baseline_workforce AS SELECT * FROM (VALUES
  ('A', 1, 100::DECIMAL(18,6)), ('B', 1, 100), ('C', 1, 100))
  AS t(employee_id, level_id, current_compensation);
CREATE TABLE fct_workforce_snapshot AS SELECT * FROM (VALUES
  (2025, 'A', 'token', 'active', 'continuous_active', 1, 'Sales', 30, 5, '25-34', '5-9',
   DATE '2020-01-01', NULL::DATE, NULL, 110::DECIMAL(18,6), 110::DECIMAL(18,6)),
  (2025, 'B', 'token', 'active', 'continuous_active', 2, NULL, 40, 5, '35-44', '5-9',
   DATE '2020-01-01', NULL, NULL, 132, 130),
  (2025, 'C', 'token', 'terminated', 'experienced_termination', 1, 'Sales', 50, 9, '45-54', '5-9',
   DATE '2016-01-01', DATE '2025-06-30', 'voluntary', 100, 50),
  (2025, 'N', NULL, 'active', 'new_hire_active', 1, NULL, 25, 0, '25-34', '<2',
   DATE '2025-07-01', NULL, NULL, 80, 40)
) AS t(simulation_year, employee_id, employee_ssn, employment_status, detailed_status_code,
  level_id, department, current_age, current_tenure, age_band, tenure_band, employee_hire_date,
  termination_date, termination_reason, current_compensation, prorated_annual_compensation);
ALTER TABLE fct_workforce_snapshot ADD COLUMN scenario_id VARCHAR DEFAULT 'baseline';
ALTER TABLE fct_workforce_snapshot ADD COLUMN plan_design_id VARCHAR DEFAULT 'standard_401k';
ALTER TABLE fct_workforce_snapshot ADD COLUMN snapshot_created_at TIMESTAMP;
CREATE TABLE fct_yearly_events AS SELECT * FROM (VALUES
  (2025, 'A', 1, 'cola', 1, 110::DECIMAL(18,6), 100::DECIMAL(18,6)),
  (2025, 'B', 1, 'cola', 1, 110, 100),
  (2025, 'B', 2, 'promotion', 2, 132, 110)
) AS t(simulation_year, employee_id, event_sequence, event_type, level_id, compensation_amount,
  previous_compensation);
CREATE TABLE inputs.comp_levers AS
SELECT 2025 AS simulation_year, level_id, parameter_name,
  CAST(parameter_value AS DECIMAL(9,6)) AS parameter_value, 'baseline' AS parameter_scenario_id,
  'lever' AS parameter_source
FROM (VALUES ('cola_rate', 0.10), ('merit_base', 0.0), ('promotion_probability', 0.5),
  ('promotion_raise', 0.2), ('new_hire_salary_adjustment', 1.0))
  AS p(parameter_name, parameter_value)
CROSS JOIN (VALUES (1), (2)) AS l(level_id);
CREATE TABLE inputs.job_levels AS SELECT * FROM (VALUES (1, 'Staff'), (2, 'Manager'))
  AS t(level_id, name);
CREATE TABLE inputs.age_bands AS SELECT * FROM (VALUES ('25-34', 25), ('35-44', 35), ('45-54', 45))
  AS t(band, min_age);
CREATE TABLE inputs.tenure_bands AS SELECT * FROM (VALUES ('<2', 0), ('5-9', 5))
  AS t(band, min_tenure);
CREATE TABLE inputs.run AS SELECT
  '{"simulation": {"random_seed": 42}, "levels": [{"name": "Staff"}], "cap": null}'
  AS settings_json;
"""


@pytest.fixture
def result(tmp_path: Path) -> Iterator[Result]:
    path = tmp_path / "simulation.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLES)
    yield Result(str(tmp_path), "baseline", str(path))


def test_headcount_walk_starts_at_opening_and_ends_at_closing(result: Result) -> None:
    walk = walks.headcount_walk(result, 2025, 2026)
    assert list(walk["amount"]) == [3, 3, -1, -1, 4]
    assert list(walk["base"]) == [0, 3, 6, 5, 0]
    assert list(walk["top"]) == [3, 6, 5, 4, 4]
    assert walk["difference"].iloc[-1] == 0


def test_payroll_walk_reconciles_to_the_cent(result: Result) -> None:
    walk = walks.payroll_walk(result, 2025, 2025)
    assert list(walk["amount"]) == [300, 20, 0, 22, 80, -100, 322]
    assert walk["difference"].iloc[-1] == 0


def test_a_walk_that_does_not_reconcile_says_by_how_much(tmp_path: Path) -> None:
    path = tmp_path / "broken.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLES)
        connection.execute("UPDATE fct_simulation_summary SET closing_payroll = 325")
    broken = Result("broken", "baseline", str(path))
    assert walks.payroll_walk(broken, 2025, 2025)["difference"].iloc[-1] == 3


def test_estimate_with_unchanged_levers_is_the_result(result: Result) -> None:
    same = estimate.pay_growth(result, {})
    growth = (110 + 132) / 200 - 1
    assert same["growth_before"].iloc[0] == pytest.approx(growth)
    assert same["growth_estimate"].iloc[0] == pytest.approx(growth)
    assert same["dollars_more"].iloc[0] == pytest.approx(0)


def test_estimate_scales_raises_by_the_change_of_their_lever(result: Result) -> None:
    changed = estimate.pay_growth(result, {(2025, 1, "cola_rate"): 0.05})
    # Both opened the year at level 1: COLA falls from 20 to 10, the promotion stays 22.
    assert changed["growth_estimate"].iloc[0] == pytest.approx(32 / 200)
    assert changed["dollars_more"].iloc[0] == pytest.approx(-10)


def test_estimate_of_a_lever_that_was_zero_applies_to_opening_pay(result: Result) -> None:
    changed = estimate.pay_growth(result, {(2025, 1, "merit_base"): 0.01})
    assert changed["dollars_more"].iloc[0] == pytest.approx(2)


def test_a_promotion_counts_at_the_level_promoted_from(result: Result) -> None:
    by_level = estimate.pay_growth_by_level(result, {(2025, 1, "promotion_raise"): 0.10})
    assert by_level["level"].tolist() == [1]
    assert by_level["dollars_more"].iloc[0] == pytest.approx(-11)


def test_filters_narrow_and_combine(result: Result) -> None:
    assert workforce.count(result, Filter()) == (4, 4)
    assert workforce.count(result, Filter(levels=(1,), statuses=("continuous_active",))) == (1, 1)
    assert workforce.count(result, Filter(departments=(workforce.NO_DEPARTMENT,))) == (2, 2)
    assert workforce.people(result, Filter(search="n"), 10)["employee_id"].tolist() == ["N"]


def test_choices_are_in_the_order_of_their_bands(result: Result) -> None:
    choices = workforce.choices(result)
    assert choices.tenure_bands == ("<2", "5-9")
    assert choices.departments == ("Not recorded", "Sales")
    assert choices.levels == {1: "Staff", 2: "Manager"}


def test_no_token_of_a_social_security_number_leaves_the_query(result: Result) -> None:
    shown = people.states(result, "A")
    assert "employee_ssn" not in shown
    assert "token" not in shown.astype(str).to_numpy()


def test_the_pay_of_a_period_is_not_called_annual_pay(tmp_path: Path) -> None:
    path = tmp_path / "events.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE fct_yearly_events AS SELECT 2025 AS simulation_year, 'A' AS employee_id, "
            "DATE '2025-01-31' AS effective_date, '' AS event_details, 0 AS amount, 0 AS rate, * "
            "FROM (VALUES (1, 'cola', 60000), (2, 'contribution', 5000), (3, 'merit', 60000)) "
            "AS t(event_sequence, event_type, compensation_amount)"
        )
    events = people.events(Result("events", "baseline", str(path)), "A")
    assert events["annual_pay"].fillna(0).tolist() == [60000, 0, 60000]


def test_retention_counts_resignations_over_opening_staff(result: Result) -> None:
    rates = guard_rails.retention(result).set_index("level")
    assert rates.loc[1, "resignation_rate"] == pytest.approx(1 / 2)
    assert rates.loc[1, "company_rate"] == pytest.approx(1 / 3)


def test_compression_measures_the_gap_between_medians(result: Result) -> None:
    gap = guard_rails.compression(result, 2025).iloc[0]
    assert gap["gap_share"] == pytest.approx(132 / 95 - 1)
    assert gap["share_above_next_median"] == 0


def test_a_year_above_the_target_is_said_though_another_is_further_below_it() -> None:
    by_year = pd.DataFrame(
        {"year": [2025, 2026], "growth_estimate": [0.01, 0.04], "opening_pay": [1000.0, 1000.0]}
    )
    finding = rails._budget(by_year, 0.035)
    assert finding.crossed
    assert finding.text.startswith("2026: 4.00% is 0.50 points above the target")
    # It is less than the opening payroll of the walk, which has those who leave.
    assert "on the opening pay of continuing staff, $1,000." in finding.text


def test_a_level_that_resigns_more_is_shown_to_resign_more() -> None:
    resignations = pd.DataFrame(
        {"level": [3], "resignation_rate": [0.0802], "company_rate": [0.0798]}
    )
    by_level = pd.DataFrame({"level": [3], "growth_estimate": [0.02]})
    [finding] = rails._retention(resignations, by_level, pd.DataFrame({"growth_estimate": [0.03]}))
    assert "loses 8.02% a year by resignation (company 7.98%)" in finding.text


@pytest.mark.parametrize("version", ["of another model", code_version()])
def test_what_a_result_of_another_version_lacks_is_not_taken_for_a_defect(
    version: str, tmp_path: Path
) -> None:
    database = tmp_path / "simulation.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("CREATE SCHEMA inputs")
        connection.execute(
            f"CREATE TABLE inputs.run AS SELECT 'merger' scenario_id, '{version}' code_version"
        )
    older = Result(version, "merger", str(database))
    with pytest.raises((OtherVersionError, duckdb.CatalogException)) as failure:
        walks.yearly(older)
    if version == code_version():
        assert explanation(failure.value) is None
    else:
        assert "The result of merger was made by another version" in explanation(failure.value)


def test_settings_are_flattened_to_dotted_paths(result: Result) -> None:
    settings = identity.settings(result).set_index("setting")["value"]
    assert settings["simulation.random_seed"] == "42"
    assert settings["levels[0].name"] == "Staff"


def test_a_setting_that_is_a_list_is_one_line_of_a_comparison(
    result: Result, tmp_path: Path
) -> None:
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLES)
        connection.execute(
            "UPDATE inputs.run SET settings_json = REPLACE(settings_json, "
            """'[{"name": "Staff"}]', '[{"name": "Staff", "job_code": 1}, {"name": "Lead"}]')"""
        )
    lines = comparison.changed_settings(result, Result("other", "other", str(path)))
    assert lines.to_dict("records") == [
        {
            "setting": "levels",
            "baseline": "name Staff",
            "other": "job code 1, name Staff; name Lead",
        }
    ]


def test_what_drives_payroll_adds_up_to_its_difference(result: Result, tmp_path: Path) -> None:
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(TABLES)
        connection.execute(
            "UPDATE fct_simulation_summary SET cola_payroll = cola_payroll + 6, "
            "exit_payroll = exit_payroll + 1, closing_payroll = closing_payroll + 5"
        )
    drivers = comparison.payroll_drivers(result, Result("other", "other", str(path)), 2025, 2025)
    assert dict(drivers.itertuples(index=False)) == {
        "Opening": 0,
        "COLA": 6,
        "Merit": 0,
        "Promotions": 0,
        "Hires": 0,
        "Exits": -1,
        "Closing": 5,
    }


def test_what_drives_employer_cost_adds_up_to_its_difference(tmp_path: Path) -> None:
    results = []
    for name, match, cost in (("base", 100, 150), ("other", 107, 155)):
        path = tmp_path / f"{name}.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute(
                "CREATE TABLE fct_simulation_summary AS SELECT 2027 AS simulation_year, "
                f"{match} AS employer_match, 40 AS employer_nonelective, "
                f"20 AS employer_profit_sharing, {cost} AS employer_cost, "
                f"{match + 60 - cost} AS forfeitures_instead_of_cash"
            )
        results.append(Result(name, name, str(path)))
    drivers = comparison.employer_cost_drivers(*results, 2027)
    assert dict(drivers.itertuples(index=False)) == {
        "Match": 7,
        "Nonelective": 0,
        "Profit sharing": 0,
        "Forfeitures instead of cash": -2,
        "Employer cost": 5,
    }


def test_a_deferral_rate_that_nobody_has_is_a_gap_in_the_distribution(tmp_path: Path) -> None:
    path = tmp_path / "deferrals.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE fct_workforce_snapshot AS SELECT 2025 AS simulation_year, "
            "'active' AS employment_status, TRUE AS is_participating, "
            "UNNEST([0.03, 0.035, 0.06]) AS deferral_rate"
        )
    spread = plan.deferrals(Result("deferrals", "baseline", str(path)), 2025)
    assert spread.to_numpy().tolist() == [[3, 2], [4, 0], [5, 0], [6, 1]]


def test_the_csv_of_people_has_everybody_and_the_page_the_first(result: Result) -> None:
    assert len(workforce.people(result, Filter(), 2)) == 2
    everybody = workforce.everybody(result, Filter())
    assert len(everybody) == 4
    assert set(everybody["status"]) == {"Employed all year", "Left", "Hired this year"}


def test_a_difference_holds_no_more_than_the_results_do() -> None:
    table = pd.DataFrame(
        {
            "year": [2025, 2025],
            "scenario": ["baseline", "other"],
            "pay_growth": [0.1, 0.3],
            "closing_payroll": [41_703_249.51, 41_703_249.61],
        }
    )
    for measure, expected in (("pay_growth", 0.2), ("closing_payroll", 0.1)):
        shown = comparison.differences(table, measure, "baseline")
        assert shown["other minus baseline"].tolist() == [expected]
