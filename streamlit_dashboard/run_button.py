"""Seed and buttons to save and to run."""

import secrets

import streamlit as st

from config.loading import load_simulation

SETTINGS, OWN, DRAWN = "Seed of the settings", "My own", "Draw one"


def run_controls(scenario: str, *, has_changes: bool) -> tuple[int | None, bool, bool]:
    """The seed of the next run (None: that of the settings), and which button was pressed:
    save only, and save and run. Raises `SettingsError`."""
    choice, number = st.columns(2, vertical_alignment="bottom")
    save_box, run_box = st.columns(2)
    how = choice.selectbox(
        "Random seed",
        [SETTINGS, OWN, DRAWN],
        key="seed-choice",
        help="Runs with the same seed differ only where their settings differ.",
    )
    configured = load_simulation(scenario).settings.simulation.random_seed
    seed = None
    if how == SETTINGS:
        number.text_input("Seed", str(configured), disabled=True, key="seed-configured")
    elif how == OWN:
        seed = int(
            number.number_input("Seed", 0, 2**31 - 1, value=configured, step=1, key="seed-own")
        )
    else:
        if "seed-drawn" not in st.session_state:
            st.session_state["seed-drawn"] = secrets.randbelow(2**31)
        seed = st.session_state["seed-drawn"]
        number.text_input("Seed", str(seed), disabled=True, key="seed-shown")
    save_only = has_changes and save_box.button("Save", key="save", width="stretch")
    apply_and_run = run_box.button(
        "Apply and run" if has_changes else "Run",
        type="primary",
        icon=":material/play_arrow:",
        key="apply",
        width="stretch",
    )
    if apply_and_run and how == DRAWN:
        del st.session_state["seed-drawn"]
    return seed, save_only, apply_and_run
