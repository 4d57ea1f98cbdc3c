"""Scenarios: create, clone, rename, archive, change the headline settings."""

from decimal import Decimal

import pandas as pd
import streamlit as st

from config.loading import (
    SettingsError,
    load_simulation,
    plan_design_names,
    scenario_names,
)
from streamlit_dashboard import census_store, formats, show, state
from streamlit_dashboard.editing import lever_session, scenario_files
from streamlit_dashboard.queries import identity
from streamlit_dashboard.runs.watching import show_failure

LABELS = {
    "simulation.target_growth_rate": "Headcount growth a year, %",
    "workforce.total_termination_rate": "Experienced terminations a year, %",
    "workforce.new_hire_termination_rate": "New hires who leave in the year, %",
}

st.title("Manage scenarios")
names = scenario_names()
published = state.published_scenarios()
rows = []
census = census_store.in_use()
for name in names:
    run = published.get(name)
    try:
        # A run may have had a seed of its own, which changes nothing in the scenario.
        inputs = load_simulation(name, seed=run.identity.random_seed if run else None)
    except SettingsError:
        rows.append({"scenario": name, "state": "Settings are invalid"})
        continue
    settings = inputs.settings
    if run is None:
        current = "No result"
    elif (run.identity.settings_hash, run.identity.levers_hash) != (
        inputs.settings_hash,
        inputs.levers_hash,
    ):
        current = "Changed since its result"
    elif run.identity.census_hash != identity.next_census_hash(census, inputs):
        current = "Another census is chosen"
    else:
        current = "Up to date"
    rows.append(
        {
            "scenario": name,
            "plan_design": settings.plan_design_id,
            "growth": float(settings.simulation.target_growth_rate),
            "exit_rate": float(settings.workforce.total_termination_rate),
            "new_hire_exit_rate": float(settings.workforce.new_hire_termination_rate),
            "state": current,
            "result_of": formats.moment(run.published_at) if run else "",
        }
    )
show.table(pd.DataFrame(rows), "scenarios")


def attempt(action, *arguments) -> bool:
    """Do something to the files, or say what is in the way."""
    try:
        action(*arguments)
    except SettingsError as error:
        show_failure(str(error))
        return False
    return True


who = lever_session.default_author()
# Names that were taken over are not offered again; refused ones stay to be corrected.
revision = st.session_state.setdefault("scenario-revision", 0)
left, right = st.columns(2, gap="large")
with left:
    st.subheader("New scenario")
    with st.form("clone"):
        source = st.selectbox("Start from", names, index=names.index("baseline"))
        st.caption(
            "A scenario that starts from baseline follows the levers of baseline, also later ones, "
            "until they are changed in the scenario itself."
        )
        name = st.text_input(
            "Name", placeholder="for example: lower_cola", key=f"new-scenario-{revision}"
        )
        if st.form_submit_button("Create", type="primary") and attempt(
            scenario_files.clone, source, name.strip(), who
        ):
            st.session_state["scenario-revision"] += 1
            state.view(name.strip())
            st.toast(f"Scenario {name.strip()} created", icon=":material/check_circle:")
            st.rerun()
    st.subheader("Rename or archive")
    changeable = [name for name in names if name != "baseline"]
    if changeable:
        in_view = state.scenario()
        # Keyed by the scenario in view: what was picked before is not what is archived now.
        picked = st.selectbox(
            "Scenario",
            changeable,
            index=changeable.index(in_view) if in_view in changeable else 0,
            key=f"picked-{in_view}",
        )
        new = st.text_input("New name", key=f"new-name-{revision}")
        rename_box, archive_box = st.columns(2)
        if rename_box.button("Rename", disabled=not new.strip()) and attempt(
            scenario_files.rename, picked, new.strip(), who
        ):
            st.session_state["scenario-revision"] += 1
            state.view(new.strip())
            st.rerun()
        if archive_box.button("Archive") and attempt(scenario_files.archive, picked):
            st.rerun()
        st.caption("Results stay under the name with which they were made.")
    if scenario_files.archived():
        back = st.selectbox("Archived", scenario_files.archived(), key="archived")
        if st.button("Bring back") and attempt(scenario_files.restore, back):
            st.rerun()
with right:
    edited = state.scenario()
    st.subheader(f"Settings of {edited}")
    if edited not in names:
        st.info("This scenario is no longer configured.")
        st.stop()
    settings = load_simulation(edited).settings
    present = {
        dotted: getattr(getattr(settings, dotted.split(".")[0]), dotted.split(".")[1])
        for dotted in scenario_files.EDITABLE
    }
    designs = plan_design_names()
    with st.form(f"settings-{edited}"):
        given = {
            dotted: st.number_input(
                LABELS[dotted],
                value=float(value * 100),
                step=0.5,
                format="%.2f",
            )
            for dotted, value in present.items()
        }
        design = st.selectbox(
            "Plan design",
            designs,
            index=designs.index(settings.plan_design_id)
            if settings.plan_design_id in designs
            else None,
        )
        pressed = st.form_submit_button("Save", type="primary")
    if pressed:
        values = {
            dotted: round(Decimal(str(value)) / 100, 6)
            for dotted, value in given.items()
            if round(Decimal(str(value)) / 100, 6) != present[dotted]
        }
        new_design = design if design != settings.plan_design_id else None
        if attempt(scenario_files.change, edited, values, new_design):
            st.toast("Scenario saved", icon=":material/check_circle:")
            st.rerun()
    st.caption(
        "The five compensation levers are on the page Compensation; every other setting is in "
        f"config/scenarios/{edited}.yaml."
    )
