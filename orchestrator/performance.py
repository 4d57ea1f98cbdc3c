"""Table `mon_pipeline_performance`: what each model of a run cost, kept with the result."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import duckdb

from orchestrator.prepare import RunIdentity


@dataclass(frozen=True)
class ModelRun:
    """One model in one year: `rows` it holds for that year, wall `seconds` it took to build."""

    simulation_year: int
    stage: str
    model_name: str
    rows: int
    seconds: float
    started_at: str


def count_rows(
    connection: duckdb.DuckDBPyConnection, year: int, models: Sequence[str]
) -> dict[str, int]:
    """Rows of `year` in each table of `models`; of tables without a year, all rows."""
    tables = connection.sql(
        """
        SELECT table_name, max(column_name = 'simulation_year') AS has_year
        FROM duckdb_columns()
        WHERE schema_name = 'main' AND list_contains(?, table_name)
        GROUP BY table_name
        """,
        params=[list(models)],
    ).fetchall()
    counts = [
        f"SELECT '{table}', count(*) FROM main.\"{table}\""
        + (f" WHERE simulation_year = {year}" if has_year else "")
        for table, has_year in tables
    ]
    return dict(connection.sql(" UNION ALL ".join(counts)).fetchall())


def write_performance(
    connection: duckdb.DuckDBPyConnection,
    identity: RunIdentity,
    model_runs: Sequence[ModelRun],
) -> None:
    """Append the timings of a run and drop those of the years it replaced."""
    connection.execute(
        """
        CREATE TABLE IF NOT EXISTS main.mon_pipeline_performance (
          run_id VARCHAR, scenario_id VARCHAR, plan_design_id VARCHAR, simulation_year INTEGER,
          stage VARCHAR, model_name VARCHAR, rows BIGINT, seconds DOUBLE, started_at TIMESTAMPTZ
        )
        """
    )
    connection.execute(
        "DELETE FROM main.mon_pipeline_performance WHERE simulation_year >= ?",
        [min(run.simulation_year for run in model_runs)],
    )
    connection.execute(
        """
        INSERT INTO main.mon_pipeline_performance
        SELECT ?, ?, ?, UNNEST(?), UNNEST(?), UNNEST(?), UNNEST(?), UNNEST(?), UNNEST(?)
        """,
        [
            *(identity.run_id, identity.scenario_id, identity.plan_design_id),
            *map(list, zip(*map(astuple, model_runs), strict=True)),
        ],
    )
