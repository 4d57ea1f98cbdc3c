"""What the laws on many simulations share."""

from pathlib import Path

import pytest

from tests.simulation_lab import CompiledProject


@pytest.fixture(scope="session")
def compiled_project(shared_directory: Path) -> CompiledProject:
    """The project's SQL, compiled once for all workers of this test session."""
    directory = shared_directory / "lab"
    directory.mkdir(exist_ok=True)
    return CompiledProject(directory)
