"""Scenarios: runs under way, runs that ended, several at once."""

from datetime import datetime

import pandas as pd
import streamlit as st

from config.loading import SettingsError, load_simulation, scenario_names
from streamlit_dashboard import census_store, run_button, show, state
from streamlit_dashboard.runs import orders
from streamlit_dashboard.runs.watching import show_active_order, show_failure, show_order

st.title("Runs")
configured = scenario_names()
chosen = st.multiselect(
    "Scenarios to run",
    configured,
    default=[name for name in [state.scenario()] if name in configured],
    key="scenarios-to-run",
)
census = census_store.in_use()
st.caption(f"Census: {census.name if census else census_store.SAMPLE}")


def can_run(scenario: str) -> bool:
    """Whether the settings of a scenario are legal; says what is wrong otherwise."""
    try:
        load_simulation(scenario)
    except SettingsError as error:
        show_failure(f"Scenario {scenario} cannot run before this is corrected. {error}")
        return False
    return True


if not chosen:
    in_view = state.scenario()
    st.info(
        "Choose a scenario to run."
        if in_view in configured
        else f"Scenario {in_view} has a result but no settings any more, because it was archived "
        "or renamed. Choose another one, or bring it back on the page Manage."
    )
elif all([can_run(scenario) for scenario in chosen]):
    if run_button.is_run_asked():
        seed = run_button.take_seed()
        for scenario in chosen:
            orders.submit(scenario, seed=seed)
        st.rerun()
    run_button.run_controls(chosen[0], has_changes=False)

if orders.active():
    st.subheader("Under way")
    show_active_order()

ended = [order for order in orders.every_order() if orders.status(order).finished]
st.subheader("Ended")
if not ended:
    st.caption("No run was started here yet.")
for order in ended[:3]:
    if orders.status(order).state != "done":
        show_order(order)
rows = [(order, orders.status(order)) for order in ended]
if rows:
    show.table(
        pd.DataFrame(
            [
                {
                    # In the zone of the reader, as every other time on the pages.
                    "asked_at": datetime.fromisoformat(order.submitted_at)
                    .astimezone()
                    .replace(tzinfo=None),
                    "scenario": order.scenario,
                    "by": order.submitted_by,
                    "state": known.state,
                    "seconds": (
                        pd.Timestamp(known.finished_at) - pd.Timestamp(known.started_at)
                    ).total_seconds()
                    if known.finished_at and known.started_at
                    else None,
                    "seed": "settings" if order.seed is None else str(order.seed),
                    "through": "Dagster server" if order.dagster_run else "worker",
                    "run": known.run_id,
                    "message": known.message,
                }
                for order, known in rows
            ]
        ),
        "runs",
    )
