"""Every page of the dashboard, with and without a result, through Streamlit's AppTest."""

import json
import re
import shutil
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Slider, TextInput

from config import loading
from config.levers import BOUNDS, read_levers
from config.loading import load_simulation
from orchestrator import home
from orchestrator.explanation import Section, Step
from orchestrator.publishing import published_run
from orchestrator.request import RunRequest
from streamlit_dashboard import census_store, export, formats, show
from streamlit_dashboard.editing import scenario_files
from streamlit_dashboard.queries import estimate, plan, walks
from streamlit_dashboard.queries.result import as_result
from streamlit_dashboard.runs import orders, worker_process
from tests.integration.runs import run

VIEWS = home.PROJECT_ROOT / "streamlit_dashboard" / "views"
RESULT_PAGES = ["headcount_pay", "people", "plan", "compliance"]
PAGES = sorted(path.stem for path in VIEWS.glob("*.py") if path.stem != "__init__")
SECONDS = 60
TOKEN = "tok_0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings that a page may change, no worker, and no cache of another test."""
    directory = tmp_path / "config"
    shutil.copytree(
        loading.CONFIG_DIR, directory, ignore=shutil.ignore_patterns("*.py", "__pycache__")
    )
    monkeypatch.setattr(loading, "CONFIG_DIR", directory)
    monkeypatch.setattr(worker_process, "ensure_running", lambda: None)
    monkeypatch.setenv("PLANWISE_DAGSTER_URL", "http://127.0.0.1:9")
    st.cache_data.clear()
    st.cache_resource.clear()
    return directory


def page(name: str) -> AppTest:
    return AppTest.from_file(str(VIEWS / f"{name}.py"), default_timeout=SECONDS)


def opened(name: str) -> AppTest:
    app = page(name).run()
    assert not app.exception, app.exception
    return app


def words(app: AppTest) -> str:
    shown = [*app.markdown, *app.caption, *app.error, *app.warning, *app.info, *app.success]
    return "\n".join(str(element.value) for element in shown)


def sent(app: AppTest) -> str:
    """Everything that the page sends to the browser, cells of tables and charts included."""
    return "\n".join(str(node.proto) for node in app.main if getattr(node, "proto", None))


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_with_a_result(home_with_result: Path, name: str) -> None:
    app = opened(name)
    assert app.title[0].value
    assert not app.error


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_before_the_first_run(fresh_home: Path, name: str) -> None:
    app = opened(name)
    assert not app.error


def test_without_a_result_there_is_nothing_to_compare(fresh_home: Path) -> None:
    assert [title.value for title in opened("compare").title] == ["No result yet"]


@pytest.mark.parametrize("name", RESULT_PAGES)
def test_without_a_result_a_page_offers_to_run_the_sample(fresh_home: Path, name: str) -> None:
    app = opened(name)
    assert app.title[0].value == "No result yet"
    [button] = app.button
    assert button.label == "Run the sample"
    button.click().run()
    [order] = orders.every_order()
    assert (order.scenario, order.census) == ("baseline", None)


def test_the_first_page_shows_the_numbers_of_the_result(home_with_result: Path) -> None:
    app = opened("headcount_pay")
    run = published_run("baseline")
    with duckdb.connect(str(run.database), read_only=True) as connection:
        headcount, payroll = connection.sql(
            "SELECT closing_headcount, closing_payroll FROM fct_simulation_summary "
            "WHERE simulation_year = 2027"
        ).fetchone()
    assert app.metric[0].value == f"{headcount:,}"
    assert app.metric[1].value == f"${payroll / 1_000_000:,.1f} M"
    assert words(app).count("Reconciles: ") == 2


def test_nobody_has_no_average_pay(home_with_result: Path) -> None:
    with duckdb.connect(str(published_run("baseline").database)) as connection:
        connection.execute(
            "UPDATE fct_simulation_summary SET closing_headcount = 0, closing_payroll = 0, "
            "average_pay = 0, average_pay_growth = 0 WHERE simulation_year = 2027"
        )
    average = opened("headcount_pay").metric[2]
    assert (average.value, average.delta) == ("n/a", "")


def test_a_headcount_that_is_as_before_points_neither_up_nor_down(home_with_result: Path) -> None:
    with duckdb.connect(str(published_run("baseline").database)) as connection:
        connection.execute(
            "UPDATE fct_simulation_summary SET opening_headcount = (SELECT closing_headcount FROM "
            "fct_simulation_summary WHERE simulation_year = 2027) WHERE simulation_year = 2025"
        )
    headcount = opened("headcount_pay").metric[0]
    assert headcount.delta == "0 since 2024"
    assert headcount.proto.direction == headcount.proto.MetricDirection.NONE


def test_an_estimate_without_changes_is_the_pay_growth_of_the_result(
    home_with_result: Path,
) -> None:
    result = as_result(published_run("baseline"))
    estimated = estimate.pay_growth(result, {})
    growth = walks.yearly(result)["pay_growth"]
    assert growth.tolist() == pytest.approx(estimated["growth_estimate"].tolist(), abs=1e-6)


def test_the_walk_of_one_year_can_be_chosen(home_with_result: Path) -> None:
    app = opened("headcount_pay")
    app.button_group[0].set_value("2026").run()
    assert "Headcount walk, 2026" in words(app)
    assert "Does not reconcile" not in words(app)


def test_the_balances_of_the_plan_page_agree_with_each_other(home_with_result: Path) -> None:
    result = as_result(published_run("baseline"))
    by_year = plan.yearly(result).set_index("year")["balance"]
    accounts = plan.balances_at_year_end(result).groupby("year")["closing_balance"].sum()
    assert by_year.to_dict() == pytest.approx(accounts.to_dict())
    fridays = plan.balances(result).groupby("day")["balance"].sum()
    # 31 December 2027 is a Friday.
    assert fridays.iloc[-1] == pytest.approx(by_year[2027])


def test_a_source_of_money_has_one_colour_on_all_charts_of_the_plan(
    home_with_result: Path,
) -> None:
    colours: dict[str, set[str]] = {}
    for chart in opened("plan").get("vega_lite_chart"):
        spec = json.loads(chart.proto.spec)
        for layer in spec.get("layer", [spec]):
            scale = layer["encoding"].get("color", {}).get("scale", {})
            for name, colour in zip(scale.get("domain", []), scale.get("range", []), strict=False):
                colours.setdefault(name, set()).add(colour)
    assert len(colours["Match"]) == 1
    assert [name for name, used in colours.items() if len(used) > 1] == []


def test_people_are_filtered_and_one_is_followed_through_the_years(home_with_result: Path) -> None:
    app = opened("people")
    app.multiselect(key="f-level").set_value([1]).run()
    table = next(frame.value for frame in app.dataframe if "employee_id" in frame.value)
    assert set(table["level"]) == {1}
    [person] = [box for box in app.text_input if box.label == "Person"]
    person.set_value(table["employee_id"].iloc[0]).run()
    assert not app.exception
    events = next(frame.value for frame in app.dataframe if "details" in frame.value)
    assert events["event"].isin(["cola", "hire"]).any()


def test_a_person_is_found_whatever_the_case_of_the_id(home_with_result: Path) -> None:
    app = opened("people")
    table = next(frame.value for frame in app.dataframe if "employee_id" in frame.value)
    employee_id = table["employee_id"].iloc[0]
    person = next(box for box in app.text_input if box.label == "Person")
    person.set_value(f" {employee_id.lower()}").run()
    assert not app.exception and not app.warning
    assert f"{formats.literal(employee_id)}, year by year" in [h.value for h in app.subheader]
    app.text_input(key="list-search").set_value(employee_id).run()
    assert "1 person" in words(app)
    assert "1 people" not in words(app)


def test_a_selected_row_is_no_longer_selected_when_other_people_are_listed(
    home_with_result: Path,
) -> None:
    app = opened("people")
    app.text_input(key="list-search").set_value("0").run()
    table = next(frame for frame in app.dataframe if "employee_id" in frame.value)
    key = table.proto.id.split("-", 2)[2]
    app.session_state[key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    [person] = [box for box in app.text_input if box.label == "Person"]
    assert person.value
    app.multiselect(key="f-level").set_value([2]).run()
    [person] = [box for box in app.text_input if box.label == "Person"]
    assert not app.exception
    assert person.value == ""


def test_every_amount_of_a_person_s_year_is_explained_with_its_section(
    home_with_result: Path,
) -> None:
    with duckdb.connect(str(published_run("baseline").database), read_only=True) as connection:
        person, match = connection.sql(
            "SELECT employee_id, employer_match FROM fct_workforce_snapshot "
            "WHERE simulation_year = 2026 AND employer_match > 0 ORDER BY employee_id LIMIT 1"
        ).fetchone()
    app = opened("people")
    next(box for box in app.text_input if box.label == "Person").set_value(person).run()
    app.button_group(key=f"explained-{person}").set_value(2026).run(timeout=SECONDS)
    assert not app.exception and not app.error
    headings = [expander.label for expander in app.expander]
    assert "Match (IRC 401(m))" in headings
    assert "Events" not in headings
    assert f"match of the year | \\${match:,.2f} |" in words(app)


def test_a_failed_test_shows_who_is_corrected_and_by_how_much(home_with_result: Path) -> None:
    database = published_run("baseline").database
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "UPDATE fct_compliance_tests SET passed = FALSE, excess_amount = 1500 "
            "WHERE test = 'adp' AND plan_year = 2027"
        )
        connection.execute(
            "INSERT INTO fct_compliance_corrections BY NAME "
            "SELECT scenario_id, plan_design_id, simulation_year, plan_year, test, "
            "'EMP_0000001' AS employee_id, DATE '2027-12-31' AS posting_date, "
            "3000 AS tested_amount, 1500 AS levelled_amount, 1500 AS excess_amount, "
            "400 AS recharacterized_as_catch_up, 1100 AS refund_amount, 90 AS forfeited_match "
            "FROM fct_compliance_tests WHERE test = 'adp' AND plan_year = 2027"
        )
    app = opened("compliance")
    assert "To correct: **\\$1,500**" in words(app)
    totals = next(frame.value for frame in app.dataframe if "people" in frame.value)
    assert totals[["test", "people", "refund_amount"]].values.tolist() == [["ADP", 1, 1100.0]]
    people = next(frame.value for frame in app.dataframe if "employee_id" in frame.value)
    assert people[["test", "forfeited_match"]].values.tolist() == [["ADP", 90.0]]


def test_every_test_of_a_safe_harbor_design_is_named(
    fresh_home: Path, small_census: Path, tmp_path: Path
) -> None:
    flat = ("plan.nonelective.formula=flat", "plan.nonelective.rate=0.02")
    run(
        RunRequest(
            years=(2025, 2025),
            plan_design="safe_harbor_basic",
            overrides=flat,
            census=small_census,
        )
    )
    app = opened("compliance")
    shown = words(app)
    assert "**ADP** · safe harbor, no test" in shown
    assert "**Coverage** · nonelective and profit sharing" in shown
    assert "nan" not in shown
    # Nothing passes, and no margin is kept, where no test is run.
    table = next(frame.value for frame in app.dataframe if "margin_percent" in frame.value)
    is_run = table["method"] != "safe harbor, no test"
    assert 0 < is_run.sum() < len(table)
    assert table.loc[~is_run, ["passed", "tested_percent", "margin_percent"]].isna().all(axis=None)
    assert shown.count("Passed") == table.loc[is_run, "passed"].sum() == is_run.sum()
    assert shown.count("Not tested") == (~is_run).sum()
    assert shown.count("Margin") == table["margin_percent"].notna().sum()
    path = tmp_path / "export.xlsx"
    path.write_bytes(export.workbook(as_result(published_run("baseline"))))
    sheet = openpyxl.load_workbook(path)["Compliance tests"]
    passed = [cell.value for cell in sheet["G"]]
    assert passed.count(True) == is_run.sum() and passed.count(None) == (~is_run).sum()


def test_no_page_shows_a_token_of_a_social_security_number(home_with_result: Path) -> None:
    with duckdb.connect(str(published_run("baseline").database)) as connection:
        for schema, table in connection.execute(
            "SELECT schema_name, table_name FROM duckdb_columns() JOIN duckdb_tables() "
            "USING (schema_name, table_name) WHERE column_name = 'employee_ssn'"
        ).fetchall():
            connection.execute(f"UPDATE {schema}.{table} SET employee_ssn = ?", [TOKEN])
    for name in RESULT_PAGES:
        assert TOKEN not in sent(opened(name))
    app = opened("people")
    person = next(frame.value for frame in app.dataframe if "employee_id" in frame.value)
    employee_id = person["employee_id"].iloc[0]
    next(box for box in app.text_input if box.label == "Person").set_value(employee_id).run()
    app.button_group(key=f"explained-{employee_id}").set_value(2026).run(timeout=SECONDS)
    assert not app.exception and not app.error
    # A cell of the table is seen, so a token in one would be.
    assert person["employee_id"].iloc[-1] in sent(app)
    assert TOKEN not in sent(app)


def test_a_lever_is_tuned_saved_logged_and_run(home_with_result: Path, own_settings: Path) -> None:
    app = opened("compensation")
    cola = next(slider for slider in app.slider if slider.key.startswith("cola_rate-1-"))
    cola.set_value(3.0).run()
    assert app.expander[0].label == "5 changed levers"
    app.button(key="apply").click().run()
    assert not app.exception
    values = {
        row.parameter_value
        for row in read_levers(own_settings / "comp_levers.csv").rows
        if (row.scenario_id, row.job_level, row.parameter_name) == ("baseline", 1, "cola_rate")
    }
    assert {str(value) for value in values} == {"0.03"}
    [order] = orders.every_order()
    assert set(order.estimate) == {"2025", "2026", "2027"}
    log = (home_with_result / "logs" / "comp_levers_changes.csv").read_text()
    assert log.count("cola_rate") == 5


def test_the_levers_are_explained_with_their_legal_values(
    home_with_result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BOUNDS, "promotion_raise", (Decimal(0), Decimal("0.4")))
    shown = words(opened("compensation"))
    assert "**Starting pay** · Factor on starting pay" in shown
    assert "Promotion raise 0.00% to 40.00%" in shown
    assert "Starting pay 0.00 to 2.00" in shown
    assert "April" not in shown


def slider(app: AppTest, key: str) -> Slider:
    return next(slider for slider in app.slider if slider.key.startswith(key))


def test_a_slider_shows_what_somebody_else_saved(
    home_with_result: Path, own_settings: Path
) -> None:
    app = opened("compensation")
    path = own_settings / "comp_levers.csv"
    path.write_text(
        path.read_text().replace(
            "baseline,2025,2,cola_rate,0.025", "baseline,2025,2,cola_rate,0.01"
        )
    )
    slider(app, "cola_rate-1-").set_value(3.0).run()
    assert slider(app, "cola_rate-2-").value == 1.0
    app.button(key="save").click().run()
    assert slider(app, "cola_rate-1-").value == 3.0
    path.write_text(path.read_text().replace("cola_rate,0.03,", "cola_rate,0.02,"))
    app.run()
    assert slider(app, "cola_rate-1-").value == 2.0


def test_sliders_tell_which_years_are_locked_and_every_decimal_of_the_grid(
    home_with_result: Path, own_settings: Path
) -> None:
    path = own_settings / "comp_levers.csv"
    text = re.sub("(baseline,....,1,cola_rate),0.025,", r"\1,0.0325,", path.read_text())
    text = re.sub("(baseline,202[68],1,cola_rate,0.0325),false", r"\1,true", text)
    path.write_text(re.sub("(baseline,....,2,cola_rate,0.025),false", r"\1,true", text))
    app = opened("compensation")
    cola = slider(app, "cola_rate-1-")
    assert cola.proto.format % cola.value == "3.25%"
    assert not cola.disabled
    captions = [caption.value for caption in app.caption]
    assert "locked in 2026, 2028" in captions
    assert slider(app, "cola_rate-2-").disabled
    assert "locked" in captions


def test_changes_that_are_not_saved_survive_a_look_at_another_scenario(
    home_with_result: Path, own_settings: Path
) -> None:
    app = opened("compensation")
    slider(app, "cola_rate-1-").set_value(3.0).run()
    app.session_state["scenario"] = "high_growth"
    app.run()
    assert slider(app, "cola_rate-1-").value == 2.5
    app.session_state["scenario"] = "baseline"
    app.run()
    assert slider(app, "cola_rate-1-").value == 3.0
    assert app.expander[0].label == "5 changed levers"


def test_every_choice_of_a_scenario_counts(home_with_result: Path, own_settings: Path) -> None:
    app = AppTest.from_file(str(VIEWS.parent / "main.py"), default_timeout=SECONDS)
    app.query_params["scenario"] = "high_turnover"
    app.run()
    assert app.sidebar.selectbox[0].value == "high_turnover"
    for name in ["high_growth", "baseline", "high_growth", "high_turnover"]:
        app.sidebar.selectbox[0].set_value(name).run()
        assert app.sidebar.selectbox[0].value == name
        assert app.session_state["scenario"] == name
    assert "high_turnover" in app.query_params["scenario"]
    # What a page puts in view, and what is gone, moves the picker too.
    app.session_state["scenario"] = "high_growth"
    assert app.run().sidebar.selectbox[0].value == "high_growth"
    (own_settings / "scenarios" / "high_growth.yaml").unlink()
    assert app.run().sidebar.selectbox[0].value == "baseline"
    assert not app.exception


def test_every_target_and_name_that_is_typed_counts(home_with_result: Path) -> None:
    app = opened("compensation")
    for number in [4.0, 4.5, 5.0]:
        app.number_input[0].set_value(number).run()
        assert app.session_state["target-pay-growth"] == pytest.approx(number / 100)
    for name in ["ana", "ben", "cai"]:
        app.text_input[0].set_value(name).run()
        assert app.session_state["author"] == name
    app.session_state["scenario"] = "high_growth"
    app.run()
    assert (app.number_input[0].value, app.text_input[0].value) == (5.0, "cai")


def test_an_estimate_from_a_result_of_another_seed_says_so_beside_what_the_run_gave(
    home_with_result: Path,
) -> None:
    [file] = home_with_result.glob("published/baseline/*/run.json")
    known = json.loads(file.read_text())
    order = orders.submit("baseline", seed=7, estimate={"2025": 0.03, "2026": 0.03, "2027": 0.03})
    for seed in (42, 7):
        later = {
            **known,
            "run_id": f"run-of-{seed}",
            "random_seed": seed,
            "published_at": "9999-12-31T00:00:00.000+00:00",
            "path": f"run-of-{seed}/simulation.duckdb",
        }
        directory = file.parent.with_name(later["run_id"])
        shutil.copytree(file.parent, directory)
        for path in (directory / "run.json", directory.with_name("current.json")):
            path.write_text(json.dumps(later))
        with duckdb.connect(str(directory / "simulation.duckdb")) as connection:
            connection.execute("UPDATE inputs.run SET random_seed = ?", [seed])
        orders.write_status(order, orders.Status(state="done", run_id=later["run_id"]))
        shown = words(opened("compensation"))
        assert "The estimate of the last run beside what it gave" in shown
        assert ("The seeds differ (baseline: 42, baseline: 7)." in shown) == (seed == 7)


def test_without_anybody_who_stays_no_pay_growth_is_estimated(home_with_result: Path) -> None:
    with duckdb.connect(str(published_run("baseline").database)) as connection:
        connection.execute(
            "DELETE FROM fct_workforce_snapshot WHERE detailed_status_code = 'continuous_active'"
        )
    app = opened("compensation")
    assert not app.error
    assert "Nobody stays through a year" in words(app)
    app.button(key="apply").click().run()
    [order] = orders.every_order()
    assert order.estimate == {}


def test_undo_takes_a_lever_back(home_with_result: Path) -> None:
    app = opened("compensation")
    cola = next(slider for slider in app.slider if slider.key.startswith("cola_rate-1-"))
    before = cola.value
    cola.set_value(3.0).run()
    next(button for button in app.button if button.label == "Undo").click().run()
    cola = next(slider for slider in app.slider if slider.key.startswith("cola_rate-1-"))
    assert cola.value == before


def test_a_concurrent_edit_is_said_and_nothing_is_overwritten(
    home_with_result: Path, own_settings: Path
) -> None:
    app = opened("compensation")
    next(s for s in app.slider if s.key.startswith("cola_rate-1-")).set_value(3.0).run()
    path = own_settings / "comp_levers.csv"
    theirs = path.read_text().replace(
        "baseline,2025,2,cola_rate,0.025", "baseline,2025,2,cola_rate,0.01"
    )
    path.write_text(theirs)
    app.button(key="save").click().run()
    assert "Somebody else saved the levers" in words(app)
    assert path.read_text() == theirs
    app.button(key="rebase").click().run()
    app.button(key="save").click().run()
    assert "baseline,2025,1,cola_rate,0.03," in path.read_text().replace("0.030", "0.03")
    assert "baseline,2025,2,cola_rate,0.01" in path.read_text()


def test_a_change_that_somebody_else_locked_is_named_when_theirs_are_loaded(
    home_with_result: Path, own_settings: Path
) -> None:
    app = opened("compensation")
    slider(app, "cola_rate-1-").set_value(3.0).run()
    path = own_settings / "comp_levers.csv"
    path.write_text(
        path.read_text().replace(
            "baseline,2026,1,cola_rate,0.025,false", "baseline,2026,1,cola_rate,0.025,true"
        )
    )
    app.run().button(key="rebase").click().run()
    assert "COLA rate of level 1 in 2026. Undo" in app.error[0].value
    assert app.expander[0].label == "4 changed levers"
    next(button for button in app.button if button.label == "Undo").click().run()
    assert app.expander[0].label == "5 changed levers"
    assert "Somebody else saved the levers" in words(app)
    assert not app.exception and not app.error


def test_an_illegal_design_cannot_be_saved_and_the_rule_is_shown(home_with_result: Path) -> None:
    app = opened("plan_design")
    claim = next(box for box in app.selectbox if box.label == "Safe harbor")
    claim.set_value("basic").run()
    assert "401(k)(12)" in words(app)
    save = next(button for button in app.button if button.label == "Save")
    assert save.disabled


def test_a_legal_design_is_saved_under_a_new_name(
    home_with_result: Path, own_settings: Path
) -> None:
    app = opened("plan_design")
    next(box for box in app.text_input if box.label == "Save as").set_value("copied").run()
    next(button for button in app.button if button.label == "Save").click().run()
    assert (own_settings / "plan_designs" / "copied.yaml").exists()
    assert app.selectbox(key="design").value == "copied"
    [use] = [button for button in app.button if button.label == "Use in baseline"]
    assert not use.disabled and not app.warning
    use.click().run()
    assert load_simulation("baseline").settings.plan_design_id == "copied"
    assert app.selectbox(key="design").value == "copied"
    app.selectbox(key="design").set_value("standard_401k").run()
    assert next(box for box in app.text_input if box.label == "Save as").value == "standard_401k"


def test_a_number_that_no_design_may_have_is_refused_as_one_types(home_with_result: Path) -> None:
    app = opened("plan_design")
    age = next(box for box in app.number_input if box.label == "Minimum age")
    age.set_value(30).run()
    assert not app.exception
    assert "Eligibility, minimum age: must be at most 21" in words(app)
    assert "The design is legal" not in words(app)
    assert next(button for button in app.button if button.label == "Save").disabled


def test_a_scenario_without_settings_uses_no_design(home_with_result: Path) -> None:
    target = home_with_result / "published" / "archived_one"
    shutil.copytree(home_with_result / "published" / "baseline", target)
    for pointer in [target / "current.json", *target.glob("*/run.json")]:
        pointer.write_text(pointer.read_text().replace('"baseline"', '"archived_one"'))
    app = page("plan_design")
    app.session_state["scenario"] = "archived_one"
    app.run()
    assert not app.exception
    assert "Scenario archived_one has no settings" in words(app)
    assert "archived_one uses" not in words(app)


@pytest.mark.parametrize("fault", ["design", "scenario"])
def test_with_invalid_settings_another_design_is_picked_and_used(
    home_with_result: Path, own_settings: Path, fault: str
) -> None:
    broken = own_settings / "plan_designs" / "standard_401k.yaml"
    if fault == "design":
        broken.write_text("plan_design_id: standard_401k\nmatch: {formula: nonsense}\n")
    else:
        broken = own_settings / "scenarios" / "high_growth.yaml"
        broken.write_text("scenario_id: high_growth\nplan_design_id: is_gone\n")
    app = page("plan_design")
    app.session_state["scenario"] = "high_growth"
    app.run()
    assert not app.exception
    assert len(app.error) == 1
    app.selectbox(key="design").set_value("qaca").run()
    [use] = [button for button in app.button if button.label == "Use in high_growth"]
    use.click().run()
    assert not app.exception and not app.error
    assert load_simulation("high_growth").settings.plan_design_id == "qaca"
    if fault == "design":
        app.selectbox(key="design").set_value("standard_401k").run()
        assert "nonsense" in words(app)
        assert [button.label for button in app.button] == []


def test_a_scenario_that_starts_from_baseline_is_said_to_follow_its_levers(
    home_with_result: Path,
) -> None:
    assert "follows the levers of baseline" in words(opened("scenarios"))


def test_a_name_is_cleared_once_it_is_taken_over_and_kept_when_it_is_refused(
    home_with_result: Path,
) -> None:
    def field(label: str) -> TextInput:
        return next(box for box in app.text_input if box.label == label)

    def press(label: str) -> None:
        next(button for button in app.button if button.label == label).click().run()
        assert not app.exception

    app = opened("scenarios")
    field("Name").set_value("not this")
    press("Create")
    assert app.error and field("Name").value == "not this"
    field("Name").set_value("first")
    press("Create")
    assert field("Name").value == ""
    field("New name").set_value("baseline").run()
    press("Rename")
    assert app.error and field("New name").value == "baseline"
    field("New name").set_value("second").run()
    press("Rename")
    assert "second" in loading.scenario_names()
    assert field("New name").value == ""


def test_a_scenario_is_up_to_date_whatever_its_seed_but_not_with_another_census(
    home_with_result: Path, small_census: Path
) -> None:
    def state_of_baseline() -> str:
        table = next(frame.value for frame in opened("scenarios").dataframe)
        return table.set_index("scenario").loc["baseline", "state"]

    for path in (home_with_result / "published" / "baseline").glob("*/run.json"):
        known = json.loads(path.read_text())
        drawn = load_simulation("baseline", seed=7)
        hashes = {"settings_hash": drawn.settings_hash, "levers_hash": drawn.levers_hash}
        path.write_text(json.dumps({**known, **hashes, "random_seed": 7}))
    chosen, _ = census_store.add("people.csv", small_census.read_bytes())
    census_store.use(chosen)
    assert state_of_baseline() == "Up to date"
    census_store.use(None)
    assert state_of_baseline() == "Another census is chosen"
    scenario_files.change("baseline", {"simulation.target_growth_rate": Decimal("0.05")}, None)
    assert state_of_baseline() == "Changed since its result"


def test_a_scenario_with_a_run_under_way_is_neither_archived_nor_renamed(
    home_with_result: Path,
) -> None:
    order = orders.submit("high_growth")
    app = opened("scenarios")
    next(box for box in app.text_input if box.label == "New name").set_value("other").run()
    for label in ("Archive", "Rename"):
        next(button for button in app.button if button.label == label).click().run()
        assert not app.exception
        assert "a run of it waits or is under way" in app.error[0].value
    assert "high_growth" in loading.scenario_names()
    orders.cancel(order)
    next(button for button in app.button if button.label == "Archive").click().run()
    assert not app.error
    assert scenario_files.archived() == ["high_growth"]


@pytest.mark.parametrize(
    ("label", "percent"),
    [("Headcount growth a year, %", -99.0), ("Experienced terminations a year, %", 100.0)],
)
def test_every_legal_value_of_a_setting_can_be_opened_and_given(
    home_with_result: Path, label: str, percent: float
) -> None:
    def press_save(app: AppTest, value: float) -> None:
        next(box for box in app.number_input if box.label == label).set_value(value)
        next(button for button in app.button if button.label == "Save").click().run()
        assert not app.exception

    app = opened("scenarios")
    press_save(app, percent)
    assert not app.error
    app = opened("scenarios")
    assert next(box for box in app.number_input if box.label == label).value == percent
    press_save(app, 2 * percent)
    assert "rate = " in app.error[0].value


def test_the_seed_is_that_of_the_settings_one_s_own_or_drawn_and_shown(
    home_with_result: Path,
) -> None:
    app = opened("runs")
    assert next(box for box in app.text_input if box.label == "Seed").value == "42"
    app.selectbox(key="seed-choice").set_value("Draw one").run()
    drawn = next(box for box in app.text_input if box.label == "Seed").value
    app.button(key="apply").click().run()
    [order] = orders.every_order()
    assert order.seed == int(drawn)


def test_a_run_is_listed_with_the_reader_s_own_time(
    home_with_result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = orders.submit("baseline")
    orders.cancel(order)
    try:
        with monkeypatch.context() as patched:
            patched.setenv("TZ", "Asia/Tokyo")
            time.tzset()
            app = opened("runs")
    finally:
        time.tzset()
    listed = next(frame.value for frame in app.dataframe if "asked_at" in frame.value)
    asked_at = datetime.fromisoformat(order.submitted_at)
    assert listed["asked_at"].iloc[0] == asked_at.replace(tzinfo=None) + timedelta(hours=9)


def test_a_first_run_that_is_cancelled_promises_no_last_result(fresh_home: Path) -> None:
    orders.cancel(orders.submit("baseline"))
    shown = words(opened("people"))
    assert "Cancelled. Nothing was published" in shown
    assert "the last result" not in shown


def fail_what_waits() -> None:
    for order in orders.every_order():
        if not (order.directory / "status.json").exists():
            orders.write_status(order, orders.Status(state="failed", message="Out of paper"))


def test_a_first_run_that_fails_at_once_is_told_where_it_was_asked_for(
    fresh_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_process, "ensure_running", fail_what_waits)
    app = AppTest.from_file(str(VIEWS.parent / "main.py"), default_timeout=SECONDS).run()
    next(button for button in app.button if button.label == "Run the sample").click().run()
    assert not app.exception
    assert [toast.value for toast in app.toast] == ["The run of baseline failed: see the page Runs"]
    assert app.title[0].value == "No result yet"
    assert "Out of paper" in words(app)
    assert not app.run().toast


def test_a_run_of_changed_levers_that_fails_is_told_beside_its_button(
    home_with_result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_process, "ensure_running", fail_what_waits)
    app = opened("compensation")
    app.button(key="apply").click().run()
    assert "Out of paper" in words(app)
    [order] = orders.every_order()
    long_ago = json.loads((order.directory / "order.json").read_text())
    long_ago["submitted_at"] = "2020-01-01T00:00:00+00:00"
    (order.directory / "order.json").write_text(json.dumps(long_ago))
    assert "Out of paper" not in words(app.run())


def test_a_failed_run_is_explained_without_python(home_with_result: Path) -> None:
    order = orders.submit("baseline")
    message = "1 problem in the settings:\n  comp_levers.csv, line 3: merit_base = 0.9: must be ..."
    orders.write_status(order, orders.Status(state="failed", message=message))
    app = opened("runs")
    assert r"merit\_base = 0.9" in words(app)
    assert "Traceback" not in words(app)


@pytest.mark.parametrize(
    ("fault", "said"),
    [("archived", "was archived or renamed"), ("invalid", "high\\_growth cannot run before")],
)
def test_runs_are_listed_and_cancelled_though_the_scenario_in_view_cannot_run(
    home_with_result: Path, own_settings: Path, fault: str, said: str
) -> None:
    target = home_with_result / "published" / "high_growth"
    shutil.copytree(home_with_result / "published" / "baseline", target)
    for pointer in [target / "current.json", *target.glob("*/run.json")]:
        pointer.write_text(pointer.read_text().replace('"baseline"', '"high_growth"'))
    ended, waiting = orders.submit("baseline"), orders.submit("high_growth")
    orders.write_status(ended, orders.Status(state="failed", message="Out of paper"))
    settings = own_settings / "scenarios" / "high_growth.yaml"
    if fault == "archived":
        settings.unlink()
    else:
        settings.write_text("scenario_id: [")
    app = page("runs")
    app.session_state["scenario"] = "high_growth"
    app.run()
    assert not app.exception
    assert said in words(app) and "--" not in words(app)
    assert "Out of paper" in words(app)
    app.button(key=f"cancel-{waiting.order_id}").click().run()
    assert orders.status(waiting).state == "cancelled"
    if fault == "archived":
        app.multiselect(key="scenarios-to-run").set_value(["high_turnover"]).run()
        app.button(key="apply").click().run()
        assert orders.every_order()[0].scenario == "high_turnover"


def test_time_in_the_queue_does_not_count_as_time_of_the_run(
    home_with_result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_process, "is_running", lambda: True)
    order = orders.submit("baseline")
    asked = json.loads((order.directory / "order.json").read_text())
    asked["submitted_at"] = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    (order.directory / "order.json").write_text(json.dumps(asked))
    shown = words(opened("runs"))
    assert re.search(r"36\d\d s of waiting, then about \d+ s", shown)
    orders.write_status(
        order, orders.Status(state="running", started_at=datetime.now(UTC).isoformat())
    )
    assert re.search(r"\b\d s elapsed, expected about \d+ s", words(opened("runs")))


def test_two_scenarios_are_compared_with_what_drives_the_difference(
    home_with_result: Path,
) -> None:
    source = home_with_result / "published" / "baseline"
    target = home_with_result / "published" / "high_growth"
    shutil.copytree(source, target)
    for pointer in [target / "current.json", *target.glob("*/run.json")]:
        pointer.write_text(
            pointer.read_text().replace('"scenario_id": "baseline"', '"scenario_id": "high_growth"')
        )
    app = opened("compare")
    assert [metric.label for metric in app.metric] == ["baseline, 2027", "high_growth, 2027"]
    assert "each difference is caused by the settings" in words(app)
    numbers = next(f for f in app.dataframe if "high_growth minus baseline" in f.value)
    assert numbers.proto.columns.count('"format": "percent"') == 3
    drivers = next(frame.value for frame in app.dataframe if "payroll_difference" in frame.value)
    assert drivers["payroll_difference"].tolist() == [0.0] * 7
    costs = next(frame.value for frame in app.dataframe if "cost_difference" in frame.value)
    assert costs["cost_difference"].tolist() == [0.0] * 5


def publish_copy(planwise_home: Path, name: str) -> None:
    source, target = (planwise_home / "published" / each for each in ("baseline", name))
    shutil.copytree(source, target)
    for pointer in [target / "current.json", *target.glob("*/run.json")]:
        known = json.loads(pointer.read_text())
        pointer.write_text(json.dumps({**known, "scenario_id": name, "run_id": name}))


def test_the_cards_of_five_scenarios_are_wide_enough_for_their_texts(
    home_with_result: Path,
) -> None:
    names = ["baseline", *(f"another_scenario_{place}" for place in range(4))]
    for name in names[1:]:
        publish_copy(home_with_result, name)
    app = opened("compare")
    app.multiselect(key="compared").set_value(names).run()
    assert not app.exception
    shares = {
        metric.label: column.weight for column in app.columns for metric in column.get("metric")
    }
    assert set(shares) == {f"{name}, 2027" for name in names}
    assert min(shares.values()) == pytest.approx(1 / 3)


def test_settings_that_differ_are_named_in_words(home_with_result: Path) -> None:
    publish_copy(home_with_result, "other")
    [database] = home_with_result.glob("published/other/*/simulation.duckdb")
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "UPDATE inputs.run SET settings_json = REPLACE(REPLACE(settings_json, "
            """'"target_growth_rate":"0.03"', '"target_growth_rate":"0.08"'), """
            "'standard_401k', 'other_401k')"
        )
        connection.execute(
            "UPDATE inputs.comp_levers SET parameter_value = 0.01 WHERE simulation_year = 2026 "
            "AND level_id = 2 AND parameter_name = 'cola_rate'"
        )
    table = next(frame.value for frame in opened("compare").dataframe if "setting" in frame.value)
    assert table["setting"].tolist() == [
        "Plan design ID",
        "Simulation, target growth rate",
        "COLA rate, level 2, 2026",
    ]


def test_results_of_different_years_are_compared_in_the_years_that_all_have(
    home_with_result: Path,
) -> None:
    target = home_with_result / "published" / "high_growth"
    shutil.copytree(home_with_result / "published" / "baseline", target)
    for pointer in [target / "current.json", *target.glob("*/run.json")]:
        known = json.loads(pointer.read_text())
        pointer.write_text(
            json.dumps(
                {**known, "scenario_id": "high_growth", "run_id": "b", "years": [2025, 2026]}
            )
        )
    [database] = target.glob("*/simulation.duckdb")
    with duckdb.connect(str(database)) as connection:
        connection.execute("DELETE FROM fct_simulation_summary WHERE simulation_year = 2027")
    app = opened("compare")
    assert not app.error
    assert [metric.label for metric in app.metric] == ["baseline, 2026", "high_growth, 2026"]
    assert "2025 to 2026, the years that all of them have" in words(app)


def test_the_workbook_holds_the_totals_and_the_identity_of_the_run(
    home_with_result: Path, tmp_path: Path
) -> None:
    result = as_result(published_run("baseline"))
    path = tmp_path / "export.xlsx"
    path.write_bytes(export.workbook(result))
    book = openpyxl.load_workbook(path, read_only=True)
    assert {"Summary", "Headcount walk", "Payroll walk", "Assumptions", "Levers", "Run"} <= set(
        book.sheetnames
    )
    rows = list(book["Payroll walk"].iter_rows(values_only=True))
    yearly = walks.yearly(result)
    assert rows[-1][-1] == pytest.approx(float(yearly["closing_payroll"].iloc[-1]))
    for row in rows[1:]:
        *steps, exits, closing = row[1:]
        assert sum(steps) - exits == pytest.approx(closing)
    # Counts without a decimal point, levers with all their decimals.
    assert book["Headcount walk"]["B2"].number_format == "#,##0"
    assert book["Levers"]["D2"].number_format == "General"
    assert book["Compliance tests"]["G2"].value is True
    identity = dict(list(book["Run"].iter_rows(values_only=True))[1:])
    assert identity["run_id"] == result.run_id
    assert identity["random_seed"] == "42"
    assert len(identity["settings_hash"]) == len(identity["census_hash"]) == 64


def test_a_defect_is_shown_without_python_and_logged_with_a_reference(
    home_with_result: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        from streamlit_dashboard import problems

        with problems.explained():
            raise KeyError("internal")

    app = AppTest.from_function(broken, default_timeout=SECONDS).run()
    assert not app.exception
    [error] = app.error
    assert "Reference" in error.value
    assert "KeyError" not in error.value
    assert "KeyError" in (home_with_result / "logs" / "dashboard.log").read_text()


def test_an_accepted_census_stays_chosen(home_with_result: Path, small_census: Path) -> None:
    app = opened("census")
    app.file_uploader[0].set_value(("people.csv", small_census.read_bytes(), "text/csv")).run()
    app.button[0].click().run()
    assert "people accepted" in words(app)
    chosen = census_store.in_use()
    assert chosen is not None
    assert app.run().radio[0].value == chosen.name
    assert census_store.in_use() == chosen
    app.radio[0].set_value("The generated sample of 5,000 employees").run()
    assert census_store.in_use() is None


def test_an_upload_is_deleted_on_the_page_but_not_under_a_run(
    home_with_result: Path, small_census: Path
) -> None:
    path, _ = census_store.add("people.csv", small_census.read_bytes())
    census_store.use(path)
    order = orders.submit("baseline")
    app = opened("census")
    app.button(key="delete-census").click().run()
    assert "A run under way uses people" in words(app)
    assert path.exists()
    orders.cancel(order)
    app.button(key="delete-census").click().run()
    assert not app.exception and not app.error
    assert not path.exists()
    assert app.radio[0].options == [app.radio[0].value]


def test_text_of_a_census_is_shown_as_it_is(home_with_result: Path, small_census: Path) -> None:
    head, *rows = small_census.read_text().splitlines()
    odd = "\n".join([f"{head},![x](http://e.com)", *(f"{row},1" for row in rows)])
    app = opened("census")
    app.file_uploader[0].set_value(("people.csv", odd.encode(), "text/csv")).run()
    app.button[0].click().run()
    assert r"\!\[x\](http://e.com)" in app.warning[0].value
    step = Step("job title a|b,\n_c_ <d> [e] \\ `$`", Decimal("12.5"))
    assert show.steps(Section("Person", "", [step], None)).splitlines()[2:] == [
        r"| job title a\|b, \_c\_ \<d\> \[e\] \\ \`\$\` | \$12.50 |"
    ]


def test_a_password_is_asked_for_when_one_is_set(
    fresh_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANWISE_DASHBOARD_PASSWORD", "open sesame")
    main = str(VIEWS.parent / "main.py")
    app = AppTest.from_file(main, default_timeout=SECONDS).run()
    assert [box.label for box in app.text_input] == ["Password"]
    app.text_input[0].set_value("guess")
    app.button[0].click().run()
    assert app.error[0].value == "That is not the password of this dashboard."
    app.text_input[0].set_value("open sesame")
    app.button[0].click().run()
    assert "Password" not in [box.label for box in app.text_input]
