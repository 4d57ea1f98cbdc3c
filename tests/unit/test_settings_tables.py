"""Every setting reaches SQL with its exact value and type."""

from decimal import Decimal
from typing import Literal, get_args, get_origin

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.loading import load_simulation
from config.schema_paths import all_settings, bare, is_list
from config.tables import (
    MONTH_TABLES,
    PLAN_TABLES,
    REASONS,
    SECTION_TABLES,
    settings_tables,
    sql_type,
    write_inputs,
)


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as connection:
        yield connection


def written(connection, query: str, *overrides: str, **arguments) -> list[tuple]:
    write_inputs(connection, load_simulation(overrides=overrides, **arguments))
    return connection.sql(query).fetchall()


SCALARS = [
    (path, field)
    for path, field in all_settings()
    if path not in PLAN_TABLES
    and path[:-1] != REASONS
    and not is_list(field.annotation)
    and path not in (("plan_design_id",), ("plan", "plan_design_id"))
]


def test_every_setting_has_a_column_or_a_table():
    tables = {name: columns for name, columns, _ in settings_tables(load_simulation().settings)}
    for path, field in all_settings():
        if is_list(field.annotation):
            assert path in SECTION_TABLES or path in MONTH_TABLES or path in PLAN_TABLES
        elif path not in PLAN_TABLES and path[:-1] != REASONS:
            assert "__".join(map(str, path)) in tables["settings"]


def test_types_follow_the_quantity(connection):
    rows = written(connection, "DESCRIBE inputs.settings")
    types = {name: kind for name, kind, *_ in rows}
    assert types["simulation__random_seed"] == "INTEGER"
    assert types["workforce__total_termination_rate"] == "DECIMAL(9,6)"
    assert types["plan__match__dollar_cap"] == "DECIMAL(18,6)"
    assert types["behavior__frozen"] == "BOOLEAN"
    assert types["plan__match__frequency"] == "VARCHAR"


def candidate(field) -> st.SearchStrategy:
    kind = bare(field.annotation)
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if kind is bool:
        return st.booleans()
    if kind is int:
        return st.integers(0, 100)
    if kind is Decimal and sql_type(field) == "DECIMAL(18,6)":
        return st.decimals(0, 7000, places=2)
    if kind is Decimal:
        return st.decimals(0, 1, places=6)
    return st.text("abcXYZ09_-", min_size=1, max_size=8).map(lambda text: f"x{text}")


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_valid_override_is_the_value_in_the_table(data):
    path, field = data.draw(st.sampled_from(SCALARS))
    value = data.draw(candidate(field))
    text = str(value).lower() if isinstance(value, bool) else str(value)
    try:
        inputs = load_simulation(overrides=[f"{'.'.join(map(str, path))}={text}"])
    except ValueError:
        return  # outside the setting's bounds, or against a rule
    tables = {name: (columns, rows) for name, columns, rows in settings_tables(inputs.settings)}
    columns, (row,) = tables["settings"]
    assert dict(zip(columns, row, strict=True))["__".join(map(str, path))] == value


def test_written_decimals_are_exact(connection):
    rows = written(
        connection,
        "SELECT workforce__total_termination_rate, plan__match__dollar_cap FROM inputs.settings",
        "workforce.total_termination_rate=0.123457",
        "plan.match.dollar_cap=1234.560001",
    )
    assert rows == [(Decimal("0.123457"), Decimal("1234.560001"))]


def test_open_ends_are_written_as_values_nobody_reaches(connection):
    write_inputs(connection, load_simulation())
    assert connection.sql("SELECT max(max_age) FROM inputs.age_bands").fetchone() == (999,)
    assert connection.sql("SELECT max(max_pay) FROM inputs.behavior_income_bands").fetchone() == (
        Decimal(999_999_999),
    )


def test_months_and_reasons_have_a_row_each(connection):
    write_inputs(connection, load_simulation())
    months = connection.sql("SELECT month FROM inputs.hire_months ORDER BY 1").fetchall()
    assert months == [(month,) for month in range(1, 13)]
    reasons = connection.sql("SELECT reason, weight FROM inputs.termination_reasons").fetchall()
    assert dict(reasons) == {
        "voluntary": Decimal("0.70"),
        "involuntary": Decimal("0.26"),
        "death": Decimal("0.01"),
        "disability": Decimal("0.03"),
    }


def test_tiers_carry_where_they_start(connection):
    rows = written(
        connection,
        "SELECT band_from, band_to, tier, rate, from_rate, up_to FROM inputs.match_tiers",
        plan_design="safe_harbor_basic",
    )
    assert rows == [
        (0, 999, 1, Decimal(1), Decimal(0), Decimal("0.03")),
        (0, 999, 2, Decimal("0.5"), Decimal("0.03"), Decimal("0.05")),
    ]


def test_banded_match_has_a_set_of_tiers_for_each_band(connection):
    rows = written(
        connection,
        "SELECT band_from, band_to, tier, rate FROM inputs.match_tiers ORDER BY band_from",
        plan_design="service_graded",
    )
    expected = [(0, 2, "0.25"), (2, 5, "0.5"), (5, 999, "1")]
    assert rows == [(low, high, 1, Decimal(rate)) for low, high, rate in expected]


def test_no_match_means_no_tiers(connection):
    assert written(connection, "FROM inputs.match_tiers", "plan.match.formula=none") == []


@pytest.mark.parametrize(
    ("nonelective", "rows"),
    [
        ("{formula: none}", []),
        ("{formula: flat, rate: 0.03}", [(0, 999, Decimal("0.03"))]),
        (
            "{formula: service_graded, bands: [{from: 0, to: 5, rate: 0.01}, "
            "{from: 5, to: null, rate: 0.02}]}",
            [(0, 5, Decimal("0.01")), (5, 999, Decimal("0.02"))],
        ),
    ],
)
def test_every_nonelective_formula_is_written_as_bands(connection, nonelective, rows):
    found = written(
        connection, "FROM inputs.nonelective_bands ORDER BY 1", f"plan.nonelective={nonelective}"
    )
    assert found == rows


def test_vesting_is_dense_to_full_vesting(connection):
    rows = written(
        connection,
        "SELECT service_years, vested_share FROM inputs.vesting_schedules "
        "WHERE source = 'employer_match' ORDER BY 1",
        "plan.vesting.employer_match={0: 0, 1: 0.25, 3: 1}",
    )
    assert rows == [(0, 0), (1, Decimal("0.25")), (2, Decimal("0.25")), (3, 1)]


def test_levers_are_dense_over_the_simulated_years(connection):
    rows = written(
        connection,
        "SELECT simulation_year, count(*) FROM inputs.comp_levers GROUP BY 1 ORDER BY 1",
        years=(2024, 2031),
    )
    assert rows == [(year, 25) for year in range(2024, 2032)]


def test_reference_tables_are_complete_and_typed(connection):
    write_inputs(connection, load_simulation())
    row = connection.sql(
        "SELECT elective_deferral_402g, super_catch_up_60_63, comp_limit_401a17 "
        "FROM inputs.irs_limits WHERE plan_year = 2026"
    ).fetchone()
    assert row == (24500, 11250, 360000)
    assert connection.sql("SELECT july FROM inputs.cpi_u WHERE year = 2025").fetchone() == (
        Decimal("323.048"),
    )


def test_writing_again_replaces(connection):
    write_inputs(connection, load_simulation())
    rows = written(connection, "SELECT scenario_id FROM inputs.settings", scenario="high_growth")
    assert rows == [("high_growth",)]
