"""The laboratory gives the rows that dbt gives, so what it proves holds for the product."""

import csv
from pathlib import Path

from config.loading import load_simulation
from orchestrator.digest import digest_database
from tests.simulation_lab import CompiledProject, Lab


def test_laboratory_and_dbt_give_the_same_rows(
    compiled_project: CompiledProject, small_run_db: Path, small_census: Path, tmp_path: Path
) -> None:
    with small_census.open(newline="") as file:
        census = list(csv.DictReader(file))
    copy = tmp_path / "lab.duckdb"
    with Lab(compiled_project, load_simulation(years=(2025, 2027)), census) as lab:
        connection = lab.run()
        connection.execute(f"ATTACH '{copy}' AS copy; COPY FROM DATABASE simulation TO copy")
    assert digest_database(copy) == digest_database(small_run_db)
