"""One person: state by year, every event, and how a year came about."""

import threading
from pathlib import Path

import pandas as pd
import streamlit as st

from orchestrator.explanation import Explanation, explain
from streamlit_dashboard.queries.result import Result

# Ids may differ in nothing but case, then the one that was typed is meant.
KNOWN_ID = """
SELECT employee_id
FROM fct_workforce_snapshot
WHERE LOWER(employee_id) = LOWER($typed)
ORDER BY employee_id <> $typed, employee_id
LIMIT 1
"""

STATES = """
SELECT * EXCLUDE (scenario_id, plan_design_id, employee_ssn, snapshot_created_at)
FROM fct_workforce_snapshot
WHERE employee_id = $employee_id
ORDER BY simulation_year
"""

EVENTS = """
SELECT
  effective_date AS date,
  REPLACE(event_type, '_', ' ') AS event,
  REPLACE(event_details, '_', ' ') AS details,
  amount,
  rate,
  -- of a contribution it is the pay of its period
  CASE WHEN event_type <> 'contribution' THEN compensation_amount END AS annual_pay
FROM fct_yearly_events
WHERE employee_id = $employee_id
ORDER BY simulation_year, event_sequence
"""

# dbt works on one database at a time in a process.
_one_at_a_time = threading.Lock()


def known_id(result: Result, typed: str) -> str | None:
    """The employee id that was typed, as it is in the result, where case does not matter."""
    found = result.frame(KNOWN_ID, typed=typed)["employee_id"]
    return None if found.empty else str(found.iloc[0])


def states(result: Result, employee_id: str) -> pd.DataFrame:
    """The person at each 31 December, without any token of a social security number."""
    return result.frame(STATES, employee_id=employee_id)


def events(result: Result, employee_id: str) -> pd.DataFrame:
    """Every event of a person in order."""
    return result.frame(EVENTS, employee_id=employee_id)


def explanation(result: Result, employee_id: str, year: int) -> Explanation:
    """How each amount of a person's year came about, read from the engine's own tables.

    Takes seconds. Raises what `orchestrator.explanation.explain` raises.
    """
    return _explanation(result.run_id, result.database, employee_id, year)


@st.cache_data(max_entries=200, show_spinner=False)
def _explanation(run_id: str, database: str, employee_id: str, year: int) -> Explanation:
    with _one_at_a_time:
        return explain(Path(database), employee_id, year, tell=lambda _: None)
