"""What is in view: the scenario, its result, and runs under way."""

import streamlit as st

from orchestrator.publishing import NotPublishedError, published_run
from streamlit_dashboard import formats, state
from streamlit_dashboard.runs.watching import sidebar_progress


def show() -> None:
    """Scenario picker, identity of the result, progress."""
    names = state.all_scenarios()
    chosen = st.selectbox(
        "Scenario",
        names,
        index=names.index(state.scenario()),
        help="All pages under Results and Tune show this scenario.",
    )
    state.view(chosen)
    st.query_params["scenario"] = chosen
    try:
        run = published_run(chosen)
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
