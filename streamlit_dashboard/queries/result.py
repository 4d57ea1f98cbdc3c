"""A published result as the pages see it: a read-only file, every answer cached by run id."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import streamlit as st

from orchestrator.code_version import code_version
from orchestrator.publishing import (
    NotPublishedError,
    OtherVersionError,
    PublishedRun,
    published_run,
)


@dataclass(frozen=True)
class Result:
    """One published result. Published files never change, so `run_id` identifies every answer."""

    run_id: str
    scenario_id: str
    database: str

    def frame(self, sql: str, **parameters: Any) -> pd.DataFrame:
        """Rows of `sql`; parameters are named (`$name`), lists of choices are tuples."""
        return _frame(self.run_id, self.database, sql, parameters)

    def uncached_frame(self, sql: str, **parameters: Any) -> pd.DataFrame:
        """As `frame`, for answers too large to keep."""
        return _read(self.run_id, self.database, sql, parameters)


def as_result(run: PublishedRun) -> Result:
    """The result of a published run."""
    return Result(run.run_id, run.identity.scenario_id, str(run.database))


def current_result(scenario_id: str) -> Result | None:
    """The current result of a scenario, or None when there is none."""
    try:
        return as_result(published_run(scenario_id))
    except NotPublishedError:
        return None


@st.cache_resource(max_entries=12, show_spinner=False)
def _connection(run_id: str, database: str) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(Path(database)), read_only=True)


@st.cache_data(max_entries=2000, show_spinner=False)
def _frame(run_id: str, database: str, sql: str, parameters: dict[str, Any]) -> pd.DataFrame:
    return _read(run_id, database, sql, parameters)


def _read(run_id: str, database: str, sql: str, parameters: dict[str, Any]) -> pd.DataFrame:
    # A cursor for each query: sessions share the connection, and cursors may work in parallel.
    given = {key: list(v) if isinstance(v, tuple) else v for key, v in parameters.items()}
    with _connection(run_id, database).cursor() as cursor:
        try:
            return cursor.execute(sql, given or None).df()
        except (duckdb.BinderException, duckdb.CatalogException) as error:
            [(scenario, version)] = cursor.sql(
                "SELECT scenario_id, code_version FROM inputs.run"
            ).fetchall()
            if version == code_version():
                raise
            raise OtherVersionError(
                f"The result of {scenario} was made by another version of the model and lacks some "
                "of what is shown here. Run the scenario again on the page Runs."
            ) from error
