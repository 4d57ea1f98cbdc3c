"""The page before there is anything to show: offers to run the sample."""

import streamlit as st

from streamlit_dashboard import census_store, state
from streamlit_dashboard.queries.result import Result
from streamlit_dashboard.runs import orders
from streamlit_dashboard.runs.watching import explain_last_order, show_active_order


def required_result() -> Result:
    """The result in view; without one the page explains what to do and ends here."""
    result = state.result()
    if result is None:
        _no_result(state.scenario())
        st.stop()
    return result


def _no_result(scenario: str) -> None:
    st.title("No result yet")
    if orders.active():
        st.write("The first result is being made. This page shows it as soon as it is published.")
        show_active_order()
        return
    census = census_store.in_use()
    who = f"your census {census.name}" if census else census_store.SAMPLE
    st.write(
        f"Scenario **{scenario}** has no published result. A run projects {who} year by year and "
        "takes less than a minute."
    )
    explain_last_order(scenario)
    label = "Run the scenario" if census else "Run the sample"
    if st.button(label, type="primary", icon=":material/play_arrow:"):
        orders.submit(scenario)
        st.rerun()
    st.caption("To use your own people, upload a census on the page Census.")
