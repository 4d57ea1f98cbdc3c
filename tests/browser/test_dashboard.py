"""What an analyst does, in a real browser against a real server and real runs."""

import json
import re
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


def published(dashboard: Dashboard, scenario: str = "baseline") -> dict:
    return json.loads((dashboard.home / "published" / scenario / "current.json").read_text())


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


def test_tune_save_relaunch_and_see_the_new_result(page: Page, dashboard: Dashboard) -> None:
    before = published(dashboard)["run_id"]
    open_page(page, dashboard, "compensation", "Compensation")
    slider = page.get_by_role("slider").first
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_text("2 changed levers")).to_be_visible()
    page.get_by_role("button", name="Apply and run").click()
    comparison = page.get_by_text("The estimate of the last run beside what it gave")
    expect(comparison).to_be_visible(timeout=RUN_MILLISECONDS)
    after = published(dashboard)
    assert after["run_id"] != before
    levers = (dashboard.project / "config" / "comp_levers.csv").read_text()
    assert re.search(r"baseline,2025,1,cola_rate,0\.03,", levers)
    changes = (dashboard.home / "logs" / "comp_levers_changes.csv").read_text()
    assert changes.count("cola_rate") == 2


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


def test_two_scenarios_are_compared_side_by_side(page: Page, dashboard: Dashboard) -> None:
    open_page(page, dashboard, "runs?scenario=high_growth", "Runs")
    page.get_by_test_id("stMain").get_by_role("combobox").first.click()
    page.get_by_role("option", name="baseline").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("Under way")).to_be_visible()
    expect(page.get_by_text("Under way")).to_be_hidden(timeout=2 * RUN_MILLISECONDS)
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
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(f"{last:,.0f}")
    identity = dict(list(book["Run"].iter_rows(values_only=True))[1:])
    assert identity["run_id"] == published(dashboard)["run_id"]


@pytest.mark.parametrize("path", ["people", "plan", "compliance", "plan_design", "scenarios"])
def test_pages_fit_a_laptop_and_are_reached_by_keyboard(
    page: Page, dashboard: Dashboard, path: str
) -> None:
    page.goto(f"{dashboard.url}/{path}")
    expect(page.get_by_role("heading").first).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 1280
    page.keyboard.press("Tab")
    reached = page.evaluate("document.activeElement.tagName")
    assert reached != "BODY"
