"""The draft of the levers in a visit, and saving it."""

import getpass
from dataclasses import replace
from pathlib import Path

import streamlit as st

from config import loading
from config.levers import LeverFile, change_levers, read_levers
from orchestrator import home
from streamlit_dashboard.editing.lever_draft import LeverDraft, open_draft

_DRAFT = "lever-draft-"


def levers_path() -> Path:
    """The levers of every scenario."""
    return loading.CONFIG_DIR / "comp_levers.csv"


def change_log() -> Path:
    """Who changed which lever, when, from what to what."""
    return home.logs_directory() / "comp_levers_changes.csv"


def draft(scenario: str) -> LeverDraft:
    """The draft of a scenario; a fresh one when there is none, or none with changes."""
    known: LeverDraft | None = st.session_state.get(_DRAFT + scenario)
    current = read_levers(levers_path())
    if known is None:
        known = open_draft(scenario, current)
        keep(known)
    elif not known.changes and known.file.content_hash != current.content_hash:
        known = _reopened(known, current)
        keep(known)
    return known


def keep(new: LeverDraft) -> None:
    """Make `new` the draft of its scenario in this visit."""
    st.session_state[_DRAFT + new.scenario] = new


def is_outdated(known: LeverDraft) -> bool:
    """Whether somebody saved the levers since the draft was opened."""
    return read_levers(levers_path()).content_hash != known.file.content_hash


def reload(known: LeverDraft) -> LeverDraft:
    """The draft's changes on the file as it is now."""
    new = known.rebased(read_levers(levers_path()))
    keep(new)
    return new


def save(known: LeverDraft, who: str) -> LeverFile:
    """Write the changes. After `ConcurrentEditError` and `SettingsError` nothing is saved."""
    saved = change_levers(
        levers_path(),
        known.cells(),
        expected_hash=known.file.content_hash,
        changed_by=who,
        change_log=change_log(),
    )
    keep(_reopened(known, saved))
    return saved


def _reopened(known: LeverDraft, file: LeverFile) -> LeverDraft:
    # Controls of the same revision would go on showing the values from before.
    return replace(open_draft(known.scenario, file), revision=known.revision + 1)


def default_author() -> str:
    """Who is likely sitting here: on one's own machine, the account's name."""
    return st.session_state.get("author") or getpass.getuser()
