"""Seed and buttons to save and to run."""

import secrets

import streamlit as st

from config.loading import load_simulation

SETTINGS, OWN, DRAWN = "Seed of the settings", "My own", "Draw one"
_SAVE, _RUN = "save", "apply"


def is_save_asked() -> bool:
    """Whether the button to save only was pressed. A page that acts on it before it draws anything
    is drawn once instead of twice."""
    return st.session_state.get(_SAVE, False)


def is_run_asked() -> bool:
    """Whether the button to save and run was pressed."""
    return st.session_state.get(_RUN, False)


def take_seed() -> int | None:
    """The seed that was chosen for a run, None for that of the settings. One that was drawn is for
    one run."""
    how = st.session_state["seed-choice"]
    if how == DRAWN:
        seed = _drawn_seed()
        del st.session_state["seed-drawn"]
        return seed
    # Not there before its control was drawn, which shows the seed of the settings at first.
    return st.session_state.get("seed-own") if how == OWN else None


def run_controls(scenario: str, *, has_changes: bool) -> None:
    """Draws the choice of the seed, and the buttons. Raises `SettingsError`."""
    choice, number = st.columns(2, vertical_alignment="bottom")
    save_box, run_box = st.columns(2)
    how = choice.selectbox(
        "Random seed",
        [SETTINGS, OWN, DRAWN],
        key="seed-choice",
        help="Runs with the same seed differ only where their settings differ.",
    )
    configured = load_simulation(scenario).settings.simulation.random_seed
    if how == SETTINGS:
        number.text_input("Seed", str(configured), disabled=True, key="seed-configured")
    elif how == OWN:
        number.number_input("Seed", 0, 2**31 - 1, value=configured, step=1, key="seed-own")
    else:
        number.text_input("Seed", str(_drawn_seed()), disabled=True, key="seed-shown")
    if has_changes:
        save_box.button("Save", key=_SAVE, width="stretch")
    run_box.button(
        "Apply and run" if has_changes else "Run",
        type="primary",
        icon=":material/play_arrow:",
        key=_RUN,
        width="stretch",
    )


def _drawn_seed() -> int:
    return st.session_state.setdefault("seed-drawn", secrets.randbelow(2**31))
