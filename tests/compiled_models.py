"""The SQL that dbt would run, compiled once, for laws that need many runs on made-up tables."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb

from config.loading import load_simulation
from config.tables import write_inputs
from orchestrator import home

# Compiled SQL names its tables catalog.schema.table; the catalog is the stem of the file.
CATALOG = "compiled"


def compile_models(directory: Path, year: int, models: list[str]) -> dict[str, str]:
    """The SELECT of each model as in `year`, the first year of a simulation."""
    database = directory / f"{CATALOG}.duckdb"
    with duckdb.connect(str(database)) as connection:
        write_inputs(connection, load_simulation(years=(year, year)))
        connection.execute("CREATE TABLE inputs.run AS SELECT 'compile' AS run_id")
    arguments = [
        *("compile", "--select", *models, "--vars", f"{{simulation_year: {year}}}"),
        *("--project-dir", str(home.DBT_PROJECT), "--profiles-dir", str(home.DBT_PROJECT)),
        *("--target-path", str(directory / "target"), "--log-path", str(directory / "logs")),
    ]
    compiled = subprocess.run(
        [Path(sys.executable).with_name("dbt"), *arguments],
        env={**os.environ, "PLANWISE_DB": str(database), "PLANWISE_HOME": str(directory / "home")},
        cwd=home.PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert compiled.returncode == 0, compiled.stdout + compiled.stderr
    files = {path.stem: path for path in (directory / "target" / "compiled").rglob("*.sql")}
    return {model: files[model].read_text() for model in models}
