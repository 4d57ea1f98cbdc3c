"""What a result is made of: run, seed, hashes, settings, levers, checks."""

from pathlib import Path

import pandas as pd
import streamlit as st

from config.loading import SimulationInputs
from orchestrator.census_report import CensusError
from orchestrator.preflight import census_hash
from orchestrator.request import RunRequest
from streamlit_dashboard.queries.result import Result

RUN = """
SELECT
  run_id,
  scenario_id,
  plan_design_id,
  random_seed,
  start_year,
  end_year,
  settings_hash,
  census_hash,
  levers_hash,
  code_version,
  started_at
FROM inputs.run
"""

# Flattened to one row a setting, so that two results can be joined on the key.
SETTINGS = """
WITH leaves AS (
  SELECT
    LTRIM(tree.fullkey, '$.') AS setting,
    tree.atom AS leaf
  FROM inputs.run, json_tree(settings_json) AS tree
  WHERE tree.type NOT IN ('OBJECT', 'ARRAY')
)
SELECT
  setting,
  leaf ->> '$' AS value
FROM leaves
ORDER BY setting
"""

LEVERS = """
SELECT
  simulation_year AS year,
  level_id AS level,
  parameter_name AS parameter,
  parameter_value AS value,
  parameter_scenario_id AS from_scenario,
  parameter_source AS source
FROM inputs.comp_levers
ORDER BY simulation_year, level_id, parameter_name
"""

CHECKS = """
SELECT
  simulation_year AS year,
  check_name AS "check",
  severity,
  checked_rows,
  failing_rows,
  measured,
  expected,
  detail
FROM mon_data_quality
ORDER BY failing_rows = 0, simulation_year, check_name
"""

CENSUS = "SELECT * FROM inputs.census_load"


def run(result: Result) -> pd.Series:
    """The identity of the run."""
    return result.frame(RUN).iloc[0]


def settings(result: Result) -> pd.DataFrame:
    """Every setting of the run by dotted path."""
    return result.frame(SETTINGS)


def levers(result: Result) -> pd.DataFrame:
    """The levers in force, by year and level."""
    return result.frame(LEVERS)


def checks(result: Result) -> pd.DataFrame:
    """The invariants of every year, failing ones first."""
    return result.frame(CHECKS)


def next_census_hash(census: Path | None, inputs: SimulationInputs) -> str | None:
    """The hash of the census of the next runs with these settings; None when they refuse it."""
    return _next_census_hash(str(census), inputs.settings_hash, RunRequest(census=census), inputs)


@st.cache_data(max_entries=200, show_spinner=False)
def _next_census_hash(
    census: str, settings_hash: str, _request: RunRequest, _inputs: SimulationInputs
) -> str | None:
    try:
        return census_hash(_request, _inputs)
    except CensusError:
        return None


def census(result: Result) -> pd.Series:
    """Which census the run read: path, rows, hash."""
    return result.frame(CENSUS).iloc[0]
