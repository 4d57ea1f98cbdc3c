"""A dashboard of its own for each browser test: own settings, own PLANWISE_HOME, real Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from orchestrator import home
from streamlit_dashboard.runs import worker_process

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 60


@dataclass(frozen=True)
class Dashboard:
    """A running dashboard: its address, its project with the settings, its PLANWISE_HOME."""

    url: str
    project: Path
    home: Path


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


@pytest.fixture
def fresh_dashboard(fresh_home: Path, tmp_path: Path) -> Iterator[Dashboard]:
    """A dashboard without any result."""
    yield from _serve(tmp_path / "project", fresh_home)


@pytest.fixture
def dashboard(home_with_result: Path, small_census: Path, tmp_path: Path) -> Iterator[Dashboard]:
    """A dashboard with the small simulation published, and its census chosen for the next runs."""
    uploads = home_with_result / "census" / "uploads"
    uploads.mkdir(parents=True)
    shutil.copy(small_census, uploads / "people.csv")
    choice = home_with_result / "dashboard" / "census.json"
    choice.parent.mkdir()
    choice.write_text('{"census": "people.csv"}')
    yield from _serve(tmp_path / "project", home_with_result)


def _serve(project: Path, planwise_home: Path) -> Iterator[Dashboard]:
    for name in ("config", "dbt", "orchestrator", "streamlit_dashboard"):
        shutil.copytree(
            home.PROJECT_ROOT / name, project / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    settings = project / "config" / "simulation_config.yaml"
    settings.write_text(settings.read_text().replace("end_year: 2029", "end_year: 2026"))
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit_dashboard.server"],
        cwd=project,
        env={
            **os.environ,
            "PYTHONPATH": str(project),
            "PLANWISE_HOME": str(planwise_home),
            "PLANWISE_DASHBOARD_PORT": str(port),
            "PLANWISE_DAGSTER_URL": "http://127.0.0.1:9",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield Dashboard(f"http://127.0.0.1:{port}", project, planwise_home)
    finally:
        process.terminate()
        process.wait(timeout=10)
        worker_process.stop()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the dashboard ended while starting"
        try:
            urllib.request.urlopen(url, timeout=1)
            return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.2)
    raise AssertionError(f"the dashboard did not answer in {START_SECONDS} seconds")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
