"""What the tests share: one small simulation, made once for all worker processes."""

import fcntl
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from orchestrator import home
from orchestrator.sample_census import generate
from tests.golden_report import pytest_terminal_summary
from tests.simulation_lab import CompiledProject

__all__ = ["pytest_terminal_summary"]

SMALL_EMPLOYEES = 300


@pytest.fixture(scope="session")
def shared_directory(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """One directory for all workers of this test session."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def small_census(shared_directory: Path) -> Path:
    """A CSV census of 300 people as of 31 December 2024."""
    path = shared_directory / "census.csv"
    with _made_once(shared_directory / "census.lock"):
        if not path.exists():
            generate(SMALL_EMPLOYEES, 7, path, as_of=date(2024, 12, 31))
    return path


@pytest.fixture(scope="session")
def small_home(shared_directory: Path, small_census: Path) -> Path:
    """A PLANWISE_HOME in which `planwise run` simulated 2025 to 2027. Read it, do not write it."""
    directory = shared_directory / "home"
    with _made_once(shared_directory / "home.lock"):
        if not (directory / "published").exists():
            run = planwise(directory, "run", "--years", "2025:2027", "--census", str(small_census))
            assert run.returncode == 0, run.stdout + run.stderr
    return directory


@pytest.fixture(scope="session")
def small_run_db(small_home: Path) -> Path:
    """The published DuckDB file of the small simulation; open it read-only."""
    [database] = small_home.glob("published/baseline/*/simulation.duckdb")
    return database


@pytest.fixture
def fresh_home(small_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty PLANWISE_HOME, except that dbt finds its cache of the parsed project."""
    directory = tmp_path / "home"
    shutil.copytree(small_home / "dbt", directory / "dbt")
    monkeypatch.setenv("PLANWISE_HOME", str(directory))
    assert home.home() == directory
    yield directory


@pytest.fixture
def home_with_result(small_home: Path, fresh_home: Path) -> Path:
    """A PLANWISE_HOME of one's own that holds the published small simulation."""
    shutil.copytree(small_home / "published", fresh_home / "published")
    return fresh_home


@pytest.fixture(scope="session")
def lab_home(shared_directory: Path) -> Path:
    """The PLANWISE_HOME in which all workers of this test session keep the compiled project."""
    directory = shared_directory / "lab"
    directory.mkdir(exist_ok=True)
    return directory


@pytest.fixture(scope="session")
def compiled_project(lab_home: Path) -> CompiledProject:
    """The project's SQL, compiled once for all workers of this test session."""
    return CompiledProject(lab_home)


@pytest.fixture
def lives_home(lab_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`lab_home` as the PLANWISE_HOME in force, for test lives."""
    monkeypatch.setenv("PLANWISE_HOME", str(lab_home))
    return lab_home


def planwise(
    planwise_home: Path, *arguments: str, largest_file: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the real command with a PLANWISE_HOME; `largest_file` limits the bytes of any file."""

    def limit() -> None:
        if largest_file:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    return subprocess.run(
        [Path(sys.executable).with_name("planwise"), *arguments],
        env={**os.environ, "PLANWISE_HOME": str(planwise_home)},
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def _made_once(lock_path: Path) -> Iterator[None]:
    with lock_path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
