"""What a visitor has chosen: the scenario, and the result that belongs to it."""

import streamlit as st

from config.loading import scenario_names
from orchestrator.publishing import PublishedRun, list_runs
from streamlit_dashboard.queries.result import Result, current_result

_SCENARIO = "scenario"
_TARGET = "target-pay-growth"


def all_scenarios() -> list[str]:
    """Scenarios that can be run or shown: configured ones, `baseline` first, then old results."""
    configured = scenario_names()
    published = {run.identity.scenario_id for run in list_runs()}
    names = sorted(set(configured) | published)
    return sorted(names, key=lambda name: (name != "baseline", name not in configured, name))


def scenario() -> str:
    """The scenario in view; the address of the page keeps it over a reload."""
    names = all_scenarios()
    wanted = st.session_state.get(_SCENARIO) or st.query_params.get(_SCENARIO)
    return wanted if wanted in names else names[0]


def view(name: str) -> None:
    """Put a scenario in view."""
    st.session_state[_SCENARIO] = name


def target_pay_growth() -> float:
    """The pay growth of continuing staff that is aimed at, a share a year."""
    return st.session_state.get(_TARGET, 0.035)


def aim_at(pay_growth: float) -> None:
    """Make this the target of every page."""
    st.session_state[_TARGET] = pay_growth


def result() -> Result | None:
    """The current result of the scenario in view."""
    return current_result(scenario())


def published_scenarios() -> dict[str, PublishedRun]:
    """The newest result of each scenario that has one."""
    newest: dict[str, PublishedRun] = {}
    for run in list_runs():
        newest.setdefault(run.identity.scenario_id, run)
    return newest
