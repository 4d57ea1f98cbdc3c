"""What an analyst does, in a real browser against a real server and real runs."""

import json
import re
import time
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Dashboard

pytestmark = pytest.mark.browser

RUN_MILLISECONDS = 300_000
expect.set_options(timeout=60_000)


def open_page(page: Page, dashboard: Dashboard, path: str, title: str) -> None:
    page.goto(f"{dashboard.url}/{path}")
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    wait_until_drawn(page)


def wait_until_drawn(page: Page) -> None:
    """Streamlit shows the parts of a page one by one, and loads each kind of control apart."""
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)


def published(dashboard: Dashboard, scenario: str = "baseline") -> dict:
    return json.loads((dashboard.home / "published" / scenario / "current.json").read_text())


def has_result_of_this_test(dashboard: Dashboard, scenario: str) -> bool:
    pointer = dashboard.home / "published" / scenario / "current.json"
    return pointer.exists() and published(dashboard, scenario)["years"] == [2025, 2026]


def test_first_visit_offers_the_sample_and_an_uploaded_census_gives_a_result(
    page: Page, fresh_dashboard: Dashboard, small_census: Path
) -> None:
    open_page(page, fresh_dashboard, "", "No result yet")
    expect(page.get_by_role("button", name="Run the sample")).to_be_visible()

    open_page(page, fresh_dashboard, "census", "Census")
    page.locator("input[type=file]").set_input_files(small_census)
    page.get_by_role("button", name="Check and use").click()
    expect(page.get_by_text("300 people accepted")).to_be_visible()

    open_page(page, fresh_dashboard, "", "No result yet")
    page.get_by_role("button", name="Run the scenario").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    page.reload()
    expect(page.get_by_role("progressbar").first).to_be_visible()
    heading = page.get_by_role("heading", name="Headcount and pay", exact=True)
    expect(heading).to_be_visible(timeout=RUN_MILLISECONDS)
    expect(page.get_by_text("Reconciles: 300 +")).to_be_visible()


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PLANWISE_DASHBOARD_PASSWORD", "open sesame")
    return "open sesame"


def test_the_page_that_was_asked_for_is_shown_after_the_password(
    page: Page, password: str, fresh_dashboard: Dashboard
) -> None:
    page.goto(f"{fresh_dashboard.url}/census?scenario=high_growth")
    box = page.get_by_role("textbox", name="Password")
    box.fill(password)
    expect(page.get_by_role("link", name="Census")).to_be_hidden()
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("heading", name="Census", exact=True)).to_be_visible()
    expect(page).to_have_url(f"{fresh_dashboard.url}/census?scenario=high_growth")


def test_tune_save_relaunch_and_see_the_new_result(page: Page, dashboard: Dashboard) -> None:
    before = published(dashboard)["run_id"]
    open_page(page, dashboard, "compensation", "Compensation")
    page.locator("[class*='st-key-cola_rate-1-']").get_by_role("slider").focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_text("2 changed levers")).to_be_visible()
    page.get_by_role("button", name="Apply and run").click()
    progress = page.get_by_test_id("stSidebar").get_by_role("progressbar")
    expect(progress).to_be_visible()
    comparison = page.get_by_text("The estimate of the last run beside what it gave")
    expect(comparison).to_be_visible(timeout=RUN_MILLISECONDS)
    after = published(dashboard)
    assert after["run_id"] != before
    levers = (dashboard.project / "config" / "comp_levers.csv").read_text()
    assert re.search(r"baseline,2025,1,cola_rate,0\.03,", levers)
    changes = (dashboard.home / "logs" / "comp_levers_changes.csv").read_text()
    assert changes.count("cola_rate") == 2


@pytest.mark.slow
def test_every_choice_counts_in_the_sidebar_and_beside_the_levers(
    page: Page, dashboard: Dashboard
) -> None:
    open_page(page, dashboard, "compensation?scenario=high_growth", "Compensation")
    picker = page.get_by_test_id("stSidebar").get_by_role("combobox", name="Scenario")
    expect(picker).to_have_value("high_growth")
    for label, typed in [
        ("Target pay growth a year, %", ["4.0", "4.5", "5.0"]),
        ("Your name, for the change log", ["ana", "ben", "cai"]),
    ]:
        control = page.get_by_label(label, exact=True)
        for value in typed:
            control.fill(value)
            control.press("Enter")
            wait_until_drawn(page)
            expect(control).to_have_value(value)
    for name in ["baseline", "high_turnover", "high_growth", "baseline", "high_turnover"]:
        picker.click()
        page.get_by_role("option", name=name).click()
        expect(page).to_have_url(re.compile(f"scenario={name}$"))
        wait_until_drawn(page)
        expect(picker).to_have_value(name)
    page.get_by_role("link", name="People").click()
    expect(page.get_by_role("heading", name="No result yet")).to_be_visible()
    page.get_by_role("link", name="Compensation").click()
    expect(page.get_by_label("Target pay growth a year, %", exact=True)).to_have_value("5.0")
    expect(page.get_by_label("Your name, for the change log")).to_have_value("cai")
    page.reload()
    expect(picker).to_have_value("high_turnover")


def test_a_refused_value_leaves_the_grid_in_view(page: Page, dashboard: Dashboard) -> None:
    open_page(page, dashboard, "compensation", "Compensation")
    page.get_by_role("tab", name="Full grid").click()
    grid = page.get_by_test_id("stDataFrame").filter(visible=True)
    expect(grid).to_be_visible()
    # The cells are drawn on a canvas: this is the first one of the last year.
    box = grid.bounding_box()
    assert box is not None
    grid.click(position={"x": box["width"] - 30, "y": 52})
    page.keyboard.type("99", delay=100)
    page.keyboard.press("Enter")
    expect(page.get_by_text("COLA rate of level 1 in 2026 must be from -10")).to_be_visible()
    expect(page.get_by_role("tab", name="Full grid", selected=True)).to_be_visible()


@pytest.mark.slow
def test_a_changed_design_is_still_there_after_a_look_at_another_page(
    page: Page, dashboard: Dashboard
) -> None:
    open_page(page, dashboard, "plan_design", "Plan design")
    page.get_by_role("tab", name="Eligibility").click()
    age = page.get_by_role("spinbutton", name="Minimum age")
    before = age.input_value()
    assert before != "19"
    age.fill("19")
    age.press("Enter")
    expect(page.get_by_text("Changes are not saved yet.")).to_be_visible()
    page.get_by_role("link", name="People").click()
    expect(page.get_by_role("heading", name="People", exact=True)).to_be_visible()
    page.get_by_role("link", name="Plan design").click()
    expect(page.get_by_text("Changes are not saved yet.")).to_be_visible()
    page.get_by_role("tab", name="Eligibility").click()
    expect(age).to_have_value("19")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("Changes are not saved yet.")).to_be_hidden()
    expect(age).to_have_value(before)


def test_a_failed_run_is_explained_with_what_to_do(page: Page, dashboard: Dashboard) -> None:
    before = published(dashboard)
    census = dashboard.home / "census" / "uploads" / "people.csv"
    lines = census.read_text().splitlines()
    census.write_text("\n".join([*lines, lines[-1]]))
    open_page(page, dashboard, "runs", "Runs")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("2 rejected").first).to_be_visible(timeout=RUN_MILLISECONDS)
    shown = page.get_by_test_id("stMain").inner_text()
    assert "Correct the rows" in shown
    assert "Traceback" not in shown
    assert published(dashboard) == before


def test_a_run_is_cancelled_and_the_last_result_stays(page: Page, dashboard: Dashboard) -> None:
    before = published(dashboard)
    open_page(page, dashboard, "runs", "Runs")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled. Nothing was published").first).to_be_visible()
    assert published(dashboard) == before


def test_two_scenarios_run_one_after_the_other_and_are_compared_side_by_side(
    page: Page, dashboard: Dashboard
) -> None:
    open_page(page, dashboard, "runs?scenario=high_growth", "Runs")
    page.get_by_role("combobox", name="Scenarios to run").click()
    page.get_by_role("option", name="baseline").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Run", exact=True).click()
    under_way = page.get_by_role("heading", name="Under way")
    expect(under_way).to_be_visible()
    deadline = time.monotonic() + 2 * RUN_MILLISECONDS / 1000
    while True:
        still_shown = under_way.is_visible()
        if all(has_result_of_this_test(dashboard, name) for name in ("high_growth", "baseline")):
            break
        assert still_shown, "a run is not finished, but the page shows none under way"
        assert time.monotonic() < deadline, page.get_by_test_id("stMain").inner_text()
        page.wait_for_timeout(200)
    expect(under_way).to_be_hidden()
    open_page(page, dashboard, "compare", "Compare scenarios")
    expect(
        page.get_by_text("each difference is caused by the settings that differ")
    ).to_be_visible()
    expect(page.get_by_text("high_growth, 2026")).to_be_visible()
    expect(page.get_by_text("What drives the difference to baseline")).to_be_visible()


def test_the_export_opens_with_the_totals_of_the_page(
    page: Page, dashboard: Dashboard, tmp_path: Path
) -> None:
    open_page(page, dashboard, "", "Headcount and pay")
    with page.expect_download() as download:
        page.get_by_role("button", name="Excel workbook").click()
    path = tmp_path / "export.xlsx"
    download.value.save_as(path)
    book = openpyxl.load_workbook(path, read_only=True)
    rows = list(book["Headcount walk"].iter_rows(values_only=True))
    opening, hires, left, new_left, closing = rows[1][1:]
    assert opening + hires - left - new_left == closing
    last = rows[-1][-1]
    headcount = page.get_by_test_id("stMetric").filter(has_text="Headcount, end of")
    expect(headcount.get_by_test_id("stMetricValue")).to_have_text(f"{last:,.0f}")
    identity = dict(list(book["Run"].iter_rows(values_only=True))[1:])
    assert identity["run_id"] == published(dashboard)["run_id"]


def test_pages_fit_a_laptop_and_are_reached_by_keyboard(page: Page, dashboard: Dashboard) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    for path in ("people", "plan", "compliance", "plan_design", "scenarios"):
        page.goto(f"{dashboard.url}/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        wait_until_drawn(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, path
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") != "BODY", path
    # People's pay is on these pages, and the machine may have no network.
    assert [url for url in fetched if not url.startswith((dashboard.url, "data:", "blob:"))] == []
