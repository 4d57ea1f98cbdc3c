"""Levers: read strictly, resolved by the stated rule, changed atomically."""

import csv
import re
from decimal import Decimal

import pytest

from config.lever_resolution import EffectiveLever
from config.levers import BOUNDS, PARAMETERS, Cell, ConcurrentEditError, change_levers, read_levers
from config.loading import CONFIG_DIR, SettingsError, load_simulation

SHIPPED = CONFIG_DIR / "comp_levers.csv"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "levers.csv"
    path.write_bytes(SHIPPED.read_bytes())
    return path


def append(path, *cells: tuple) -> None:
    with path.open("a", newline="") as handle:
        writer = csv.writer(handle)
        for scenario, year, level, parameter, value in cells:
            stamp = "2025-01-01T00:00:00+00:00"
            writer.writerow([scenario, year, level, parameter, value, "false", "me", stamp])


def keep(path, wanted) -> None:
    head, *lines = path.read_text().splitlines()
    path.write_text("\n".join([head, *filter(wanted, lines)]) + "\n")


def problems(path, **arguments) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        load_simulation(levers=path, **arguments)
    return [str(problem) for problem in raised.value.problems]


def lever(inputs, year, level, parameter) -> EffectiveLever:
    (found,) = (
        item
        for item in inputs.levers
        if (item.simulation_year, item.level_id, item.parameter_name) == (year, level, parameter)
    )
    return found


def test_the_shipped_file_has_125_rows_of_the_contract():
    rows = read_levers(SHIPPED).rows
    assert len(rows) == 125
    assert {row.parameter_name for row in rows} == set(PARAMETERS)
    assert {row.fiscal_year for row in rows} == set(range(2025, 2030))


def test_own_rows_win_cell_by_cell_over_inherited_ones(file):
    append(file, ("high_growth", 2026, 1, "merit_base", "0.01"))
    inputs = load_simulation("high_growth", levers=file)
    own, inherited = (lever(inputs, year, 1, "merit_base") for year in (2026, 2027))
    assert own.parameter_value == Decimal("0.01")
    assert (own.parameter_scenario_id, own.parameter_source) == ("high_growth", "lever")
    assert inherited.parameter_value == Decimal("0.004")
    assert (inherited.parameter_scenario_id, inherited.parameter_source) == (
        "baseline",
        "inherited",
    )


def test_years_beyond_the_rows_carry_the_nearest_year_and_say_so(file):
    append(file, ("high_growth", 2029, 2, "cola_rate", "0.03"))
    baseline = load_simulation(levers=file, years=(2023, 2031))
    assert lever(baseline, 2024, 1, "cola_rate").parameter_source == "lever_carried_back"
    assert lever(baseline, 2025, 1, "cola_rate").parameter_source == "lever"
    scenario = load_simulation("high_growth", levers=file, years=(2028, 2031))
    carried = lever(scenario, 2031, 2, "cola_rate")
    assert carried.parameter_source == "lever_carried_forward"
    assert carried.parameter_value == Decimal("0.03")
    other = lever(scenario, 2031, 1, "cola_rate")
    assert other.parameter_source == "inherited_carried_forward"


def test_resolution_does_not_depend_on_row_order(file):
    append(file, ("high_growth", 2026, 1, "merit_base", "0.01"))
    before = load_simulation("high_growth", levers=file).levers_hash
    head, *lines = file.read_text().splitlines()
    file.write_text("\n".join([head, *reversed(lines)]) + "\n")
    assert load_simulation("high_growth", levers=file).levers_hash == before


def test_a_lever_missing_for_a_level_is_named(file):
    keep(file, lambda line: ",3,merit_base," not in line)
    (problem,) = problems(file)
    assert "merit_base: no lever for level 3: add a row for scenario baseline" in problem


def test_a_hole_between_years_is_an_error(file):
    keep(file, lambda line: not line.startswith("baseline,2027,3,merit_base"))
    (problem,) = problems(file)
    assert "no lever for level 3 in 2027, between years that have one" in problem


def test_a_level_that_the_settings_do_not_have_is_an_error(file):
    append(file, ("baseline", 2025, 6, "cola_rate", "0.02"))
    (problem,) = problems(file)
    assert "compensation.job_levels has 5 levels" in problem


@pytest.mark.parametrize("parameter", ["promotion_probability", "promotion_raise"])
def test_a_promotion_lever_of_the_top_level_would_be_dead_and_is_refused(file, parameter):
    text = file.read_text()
    file.write_text(text.replace(f"2026,5,{parameter},0,", f"2026,5,{parameter},0.05,"))
    (problem,) = problems(file)
    assert "nobody is promoted from the top level (5)" in problem


def test_a_scenario_with_fewer_levels_needs_a_top_of_its_own(file):
    fewer = "compensation.job_levels=[{level_id: 1, name: Only, minimum_compensation: 1000, "
    fewer += "maximum_compensation: 2000, new_hire_weight: 1}]"
    (problem, *_) = problems(file, scenario="high_growth", overrides=[fewer])
    assert "give scenario high_growth a row of its own" in problem
    for year in range(2025, 2030):
        append(file, ("high_growth", year, 1, "promotion_probability", "0"))
        append(file, ("high_growth", year, 1, "promotion_raise", "0"))
    inputs = load_simulation("high_growth", levers=file, overrides=[fewer])
    assert {item.level_id for item in inputs.levers} == {1}


@pytest.mark.parametrize("parameter", PARAMETERS)
@pytest.mark.parametrize("side", [0, 1])
def test_a_lever_outside_its_bounds_is_refused_with_its_line(file, parameter, side):
    value = BOUNDS[parameter][side] + (Decimal("0.01") if side else Decimal("-0.01"))
    append(file, ("mine", 2025, 1, parameter, value))
    (problem,) = problems(file)
    assert f"{file}, line 127" in problem
    assert f"must be from {BOUNDS[parameter][0]} to {BOUNDS[parameter][1]}" in problem


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("baseline", 2025, 1, "merit_base", "0.01"), "duplicates line 2"),
        (("baseline", 2025, 1, "merit_bas", "0.01"), "did you mean merit_base?"),
        (("baseline", 2064, 1, "merit_base", "0.01"), "less than or equal to 2063"),
        (("baseline", "soon", 1, "merit_base", "0.01"), "fiscal_year = soon"),
        (("mine", 2025, 1, "merit_base", "1%"), "must be a decimal number"),
        (("a b", 2025, 1, "merit_base", "0.01"), "scenario_id = a b"),
    ],
)
def test_a_wrong_row_is_refused_with_its_line(file, row, says):
    append(file, row)
    (problem,) = problems(file)
    assert "line 127" in problem and says in problem


def test_all_wrong_rows_are_listed(file):
    append(file, *[("mine", year, 1, "cola_rate", "9") for year in (2025, 2026, 2027)])
    assert len(problems(file)) == 3


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (("parameter_value", "parameter_valu"), "did you mean parameter_value?"),
        ((",created_at", ""), "created_at: column is missing"),
        (("is_locked", "parameter_value"), "parameter_value: column is there more than once"),
        ((",", ";"), "separated by commas"),
    ],
)
def test_a_wrong_header_is_explained(file, header, says):
    head, *lines = file.read_text().splitlines()
    file.write_text("\n".join([head.replace(*header), *lines]))
    assert any(says in problem for problem in problems(file))


def test_a_missing_file_is_one_message(tmp_path):
    (problem,) = problems(tmp_path / "none.csv")
    assert "no such levers file" in problem


CELL = Cell("baseline", 2026, 2, "merit_base")


def change(file, changes, expected_hash=None, by="ana"):
    return change_levers(
        file,
        changes,
        expected_hash=expected_hash or read_levers(file).content_hash,
        changed_by=by,
        change_log=file.with_name("changes.csv"),
    )


def test_a_change_touches_only_its_cell_and_is_logged(file):
    before = read_levers(file)
    after = change(file, {CELL: Decimal("0.012")})
    assert read_levers(file) == after
    changed = [new for old, new in zip(before.rows, after.rows, strict=True) if old != new]
    (row,) = changed
    assert (row.cell, row.parameter_value, row.created_by) == (CELL, Decimal("0.012"), "ana")
    with file.with_name("changes.csv").open() as handle:
        (entry,) = csv.DictReader(handle)
    assert (entry["changed_by"], entry["old_value"], entry["new_value"]) == (
        "ana",
        "0.004",
        "0.012",
    )


def test_cells_can_be_added_for_a_scenario_and_removed_again(file):
    cell = Cell("merit_plus", 2026, 2, "merit_base")
    assert len(change(file, {cell: Decimal("0.02")}).rows) == 126
    assert len(change(file, {cell: None}).rows) == 125
    with file.with_name("changes.csv").open() as handle:
        assert [row["new_value"] for row in csv.DictReader(handle)] == ["0.02", ""]


def test_a_concurrent_edit_is_detected_and_changes_nothing(file):
    seen = read_levers(file).content_hash
    change(file, {CELL: Decimal("0.012")}, by="ben")
    current = file.read_bytes()
    with pytest.raises(ConcurrentEditError, match="load it again"):
        change(file, {CELL: Decimal("0.02")}, expected_hash=seen)
    assert file.read_bytes() == current


@pytest.mark.parametrize("value", ["0.3", "0.0000001"])
def test_a_value_the_reader_would_refuse_is_never_written(file, value):
    before = file.read_bytes()
    with pytest.raises(SettingsError):
        change(file, {CELL: Decimal(value)})
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir() if path.suffix != ".csv"] == []


def test_a_scenario_does_not_change_what_it_inherits_from_a_locked_row(file):
    append(file, ("high_growth", 2026, 2, "merit_base", "0.01"))
    text = file.read_text()
    file.write_text(re.sub("(baseline,2026,.,merit_base,[^,]*),false", r"\1,true", text))
    own, inherited = (Cell("high_growth", 2026, level, "merit_base") for level in (2, 3))
    with pytest.raises(SettingsError, match="is locked"):
        change(file, {inherited: Decimal("0.01")})
    assert len(change(file, {own: Decimal("0.02")}).rows) == 126


def test_a_locked_cell_is_not_changed(file):
    text = file.read_text()
    file.write_text(text.replace("2026,2,merit_base,0.004,false", "2026,2,merit_base,0.004,true"))
    with pytest.raises(SettingsError, match="is locked"):
        change(file, {CELL: Decimal("0.01")})
