"""What is in view: the scenario, its result, and runs under way."""

import streamlit as st

from orchestrator.publishing import NotPublishedError, published_run
from streamlit_dashboard import formats, state
from streamlit_dashboard.runs.watching import sidebar_progress

_PICKER = "scenario-picker"


def show() -> None:
    """Scenario picker, identity of the result, progress."""
    in_view = state.scenario()
    state.view(in_view)
    st.query_params["scenario"] = in_view
    # Streamlit takes a control that starts from another value for another control, and drops the
    # choice made in the one that was there; the key keeps it the same.
    if st.session_state.get(_PICKER) != in_view:
        st.session_state[_PICKER] = in_view
    st.selectbox(
        "Scenario",
        state.all_scenarios(),
        key=_PICKER,
        on_change=_pick,
        help="All pages under Results and Tune show this scenario.",
    )
    try:
        run = published_run(in_view)
    except NotPublishedError:
        st.caption("No result yet")
    else:
        st.caption(
            f"Result of {formats.moment(run.published_at)}  \n"
            f"{run.years[0]} to {run.years[1]} · seed {run.identity.random_seed} · "
            f"plan {run.identity.plan_design_id}",
            help=f"Run {run.run_id}",
        )
    sidebar_progress()


def _pick() -> None:
    state.view(st.session_state[_PICKER])
