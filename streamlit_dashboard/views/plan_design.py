"""Tune: a plan design with each rule beside its control, checked as one types."""

import pandas as pd
import streamlit as st

from config.loading import SettingsError, load_simulation, plan_design_names, scenario_names
from streamlit_dashboard import formats, show, state
from streamlit_dashboard.charts import design as pictures
from streamlit_dashboard.editing import design_files, design_form, scenario_files
from streamlit_dashboard.queries import design_pictures
from streamlit_dashboard.runs.watching import show_failure

TABS = {
    "Match": ("match",),
    "Enrollment": ("automatic_enrollment", "escalation"),
    "Vesting": ("vesting", "forfeitures"),
    "Nonelective": ("nonelective", "profit_sharing"),
    "Eligibility": ("eligibility", "deferrals"),
    "Testing": ("compliance", "balances"),
}

st.title("Plan design")
names = plan_design_names()
scenario = state.scenario()
in_force, in_use = None, f"Scenario {scenario} has no settings."
if scenario in scenario_names():
    try:
        in_force = load_simulation(scenario).settings.plan_design_id
        in_use = f"Scenario {scenario} uses {in_force}."
    except SettingsError as error:
        in_use = f"The settings of scenario {scenario} are invalid."
        show_failure(str(error))
if "open-design" in st.session_state or "design" not in st.session_state:
    first = in_force if in_force in names else names[0]
    st.session_state["design"] = st.session_state.pop("open-design", first)
picker, note = st.columns([1, 2], vertical_alignment="bottom")
name = picker.selectbox("Plan design", names, key="design")
note.caption(in_use)
try:
    saved = design_files.read_design(name)
except SettingsError as error:
    show_failure(f"{error}\nChoose another plan design, or correct the file.")
    st.stop()
visit = st.session_state.get(f"design-visit-{name}")
if visit is None or visit["saved"] != saved:
    # Controls of another revision begin with the values that they are given.
    revision = st.session_state["design-revision"] = st.session_state.get("design-revision", 0) + 1
    visit = {"saved": saved, "start": saved, "revision": revision}
    st.session_state[f"design-visit-{name}"] = visit
elif f"save-as-{name}" not in st.session_state:
    # Streamlit forgets the controls of a page that is left; what was changed must not go with them.
    visit["start"] = visit["draft"]
draft = dict(saved)

controls, effect = st.columns([3, 2], gap="large")
with controls:
    for tab, sections in zip(st.tabs(list(TABS)), TABS.values(), strict=True):
        with tab:
            for section in sections:
                if len(sections) > 1:
                    st.markdown(f"**{formats.words(section)}**")
                draft[section] = design_form.section(
                    visit["start"], section, f"{name}-{visit['revision']}"
                )

visit["draft"] = draft
checked = design_files.check(draft)
with effect:
    if checked.problems:
        st.markdown("**What the rules say**")
        for problem in checked.problems:
            where = formats.setting(problem.key.removeprefix("plan."))
            show_failure(f"{where}: {problem.rule}" if where else problem.rule)
    else:
        for warning in checked.warnings:
            st.warning(formats.literal(warning), icon=":material/warning:")
        claim = draft["match"]["safe_harbor"]
        st.success(
            "The design is legal"
            + (f" and meets the {claim} safe harbor." if claim != "none" else "."),
            icon=":material/check:",
        )
        assert checked.inputs is not None
        points = design_pictures.match_by_deferral(checked.inputs)
        if points.empty:
            st.caption("No match.")
        else:
            ends = points["band_to"].map(
                lambda end: "and more" if pd.isna(end) else f"to {end - 1:.0f}"
            )
            points["band"] = points["band_from"].astype(str) + " " + ends
            unit = "points" if draft["match"]["formula"] == "points" else "years of service"
            show.chart(
                "Match against deferral" + (f", by {unit}" if points["band"].nunique() > 1 else ""),
                pictures.match_line(points),
                points[["band", "deferral_rate", "match_share"]],
                f"match_{name}",
                "Line of match by deferral rate",
                formats.literal(f"At most ${draft['match']['dollar_cap']:,.0f} a year.")
                if draft["match"].get("dollar_cap")
                else "",
            )
        vesting = design_pictures.vesting_by_service(checked.inputs)
        # Without the word that all have in common three names fit in one line.
        vesting["source"] = vesting["source"].str.removeprefix("employer_").map(formats.words)
        show.chart(
            "Vesting",
            pictures.vesting_steps(vesting),
            vesting,
            f"vesting_{name}",
            "Steps of vested share by years of service",
        )

st.divider()
changed = design_files.as_yaml(draft) != design_files.as_yaml(saved)
save_as, save_box, use_box, undo_box = st.columns([2, 1, 1.4, 1], vertical_alignment="bottom")
target = save_as.text_input("Save as", name, key=f"save-as-{name}").strip()
if save_box.button(
    "Save", type="primary", disabled=bool(checked.problems) or not (changed or target != name)
):
    try:
        design_files.save(draft, target, name)
    except SettingsError as error:
        show_failure(str(error))
    else:
        st.toast(f"Plan design {target} saved", icon=":material/check_circle:")
        del st.session_state[f"design-visit-{name}"]
        # A control that was drawn takes a value only before it is drawn again.
        st.session_state["open-design"] = target
        st.rerun()
if use_box.button(
    f"Use in {scenario}", disabled=changed or name == in_force or scenario not in scenario_names()
):
    scenario_files.change(scenario, {}, name)
    st.rerun()
if undo_box.button("Discard", disabled=not changed):
    del st.session_state[f"design-visit-{name}"]
    st.rerun()
if changed:
    st.caption("Changes are not saved yet.")
