"""Drafting and saving levers: locks, bounds, undo, copies, change log, concurrent edits."""

import csv
import re
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from config import loading
from config.levers import Cell, ConcurrentEditError, change_levers, read_levers
from config.loading import SettingsError
from streamlit_dashboard.editing.lever_draft import LeverDraft, RefusedChange, open_draft

COLA = (2026, 1, "cola_rate")


@pytest.fixture
def levers(tmp_path: Path) -> Path:
    path = tmp_path / "comp_levers.csv"
    shutil.copy(loading.CONFIG_DIR / "comp_levers.csv", path)
    return path


@pytest.fixture
def draft(levers: Path) -> LeverDraft:
    return open_draft("baseline", read_levers(levers))


def test_a_change_shows_in_the_draft_and_undo_takes_it_back(draft: LeverDraft) -> None:
    changed = draft.set({COLA: Decimal("0.031")})
    assert changed.value(COLA) == Decimal("0.031")
    assert changed.undo().value(COLA) == draft.value(COLA)
    assert changed.undo().changes == {}


def test_a_change_back_to_the_saved_value_is_no_change(draft: LeverDraft) -> None:
    there = draft.set({COLA: Decimal("0.031")})
    assert there.set({COLA: draft.value(COLA)}).changes == {}


def test_reset_can_be_undone(draft: LeverDraft) -> None:
    changed = draft.set({COLA: Decimal("0.031")})
    assert changed.reset().changes == {}
    assert changed.reset().undo().changes == changed.changes


def test_a_value_out_of_bounds_is_refused_with_its_bounds(draft: LeverDraft) -> None:
    with pytest.raises(RefusedChange, match="COLA rate of level 1 in 2026 must be from -10"):
        draft.set({COLA: Decimal("0.30")})


def test_nobody_is_promoted_from_the_top_level(draft: LeverDraft) -> None:
    with pytest.raises(RefusedChange, match="top level"):
        draft.set({(2026, draft.top_level, "promotion_raise"): Decimal("0.05")})


def test_a_locked_lever_is_respected(levers: Path) -> None:
    text = levers.read_text().replace(
        "baseline,2026,1,cola_rate,0.025,false", "baseline,2026,1,cola_rate,0.025,true"
    )
    levers.write_text(text)
    draft = open_draft("baseline", read_levers(levers))
    assert draft.is_fixed(COLA)
    with pytest.raises(RefusedChange, match="locked"):
        draft.set({COLA: Decimal("0.031")})
    copied = draft.set({(2025, 1, "cola_rate"): Decimal("0.04")}).copy_year(2025, [2026, 2027])
    assert copied.value(COLA) == Decimal("0.025")
    assert copied.value((2027, 1, "cola_rate")) == Decimal("0.04")


def test_a_draft_and_the_file_agree_on_what_is_locked(levers: Path, tmp_path: Path) -> None:
    stamp = "true,ana,2025-01-01T00:00:00+00:00"
    text = levers.read_text()
    levers.write_text(
        re.sub("(baseline,2026,.,cola_rate,[^,]*),false", r"\1,true", text)
        + f"high_growth,2026,2,cola_rate,0.03,{stamp.replace('true', 'false')}\n"
        + f"high_growth,2027,1,cola_rate,0.03,{stamp}\n"
    )
    draft = open_draft("high_growth", read_levers(levers))
    for key in draft.in_force:
        try:
            change_levers(
                levers,
                {Cell("high_growth", *key): draft.value(key)},
                expected_hash=read_levers(levers).content_hash,
                changed_by="ana",
                change_log=tmp_path / "changes.csv",
            )
            assert key not in draft.locked, key
        except SettingsError:
            assert key in draft.locked, key
    assert {(2026, 1, "cola_rate"), (2027, 1, "cola_rate")} < draft.locked
    assert (2026, 2, "cola_rate") not in draft.locked


def test_copying_a_year_copies_every_lever(draft: LeverDraft) -> None:
    changed = draft.set({(2025, 2, "merit_base"): Decimal("0.012")}).copy_year(2025, [2028])
    assert changed.value((2028, 2, "merit_base")) == Decimal("0.012")


def test_copying_a_scenario_takes_its_levers_in_force(draft: LeverDraft) -> None:
    changed = draft.set({COLA: Decimal("0.031")}).copy_scenario("high_growth")
    assert changed.changes == {}


def test_saving_writes_only_the_changes_and_logs_each(
    draft: LeverDraft, levers: Path, tmp_path: Path
) -> None:
    changed = draft.set({COLA: Decimal("0.031")})
    log = tmp_path / "changes.csv"
    change_levers(
        levers,
        changed.cells(),
        expected_hash=changed.file.content_hash,
        changed_by="ana",
        change_log=log,
    )
    [entry] = csv.DictReader(log.open())
    assert (entry["changed_by"], entry["old_value"], entry["new_value"]) == (
        "ana",
        "0.025",
        "0.031",
    )
    assert open_draft("baseline", read_levers(levers)).value(COLA) == Decimal("0.031")


def test_a_concurrent_edit_is_detected_and_the_draft_survives_it(
    draft: LeverDraft, levers: Path, tmp_path: Path
) -> None:
    mine = draft.set({COLA: Decimal("0.031")})
    theirs = draft.set({(2027, 1, "cola_rate"): Decimal("0.02")})
    log = tmp_path / "changes.csv"
    saved = change_levers(
        levers,
        theirs.cells(),
        expected_hash=draft.file.content_hash,
        changed_by="ben",
        change_log=log,
    )
    with pytest.raises(ConcurrentEditError):
        change_levers(
            levers,
            mine.cells(),
            expected_hash=mine.file.content_hash,
            changed_by="ana",
            change_log=log,
        )
    rebased = mine.rebased(saved)
    assert rebased.changes == {COLA: Decimal("0.031")}
    assert rebased.value((2027, 1, "cola_rate")) == Decimal("0.02")


def test_a_change_that_their_lock_forbids_is_named_and_undo_brings_it_back(
    draft: LeverDraft, levers: Path
) -> None:
    kept = (2027, 1, "cola_rate")
    mine = draft.set({COLA: Decimal("0.031"), kept: Decimal("0.032")})
    levers.write_text(
        levers.read_text().replace(
            "baseline,2026,1,cola_rate,0.025,false", "baseline,2026,1,cola_rate,0.025,true"
        )
    )
    rebased = mine.rebased(read_levers(levers))
    assert rebased.changes == {kept: Decimal("0.032")}
    assert rebased.lost_since(mine) == ["COLA rate of level 1 in 2026"]
    back = rebased.undo()
    assert back.changes == mine.changes
    # On the file as it was, so that saving it would not overwrite theirs.
    assert back.file == mine.file
