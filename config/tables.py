"""The settings as tables of schema `inputs`, written once per run before dbt.

Columns come from the model: a scalar is a column of `inputs.settings` named by its dotted path
joined with `__`, a list of sections is a table with one row an element. A setting added to the
model is therefore in SQL by construction. An open end of a band (null) is written as 999 years or
999,999,999 dollars.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import duckdb
from pydantic.fields import FieldInfo

from config.loading import CONFIG_DIR, SimulationInputs
from config.plan_design import PlanDesign
from config.plan_rules import VESTED_SOURCES, vesting_table
from config.quantities import Section, SqlType
from config.schema import SimulationConfig
from config.schema_paths import Keys, all_settings, bare, element_section, fields_of, is_list

INTEGER, VARCHAR, RATE, MONEY = "INTEGER", "VARCHAR", "DECIMAL(9,6)", "DECIMAL(18,6)"
OPEN_END = {INTEGER: 999, MONEY: Decimal(999_999_999)}

SECTION_TABLES: dict[Keys, str] = {
    ("workforce", "age_bands"): "age_bands",
    ("workforce", "tenure_bands"): "tenure_bands",
    ("workforce", "new_hire_ages"): "new_hire_ages",
    ("compensation", "job_levels"): "job_levels",
    ("behavior", "income_bands"): "behavior_income_bands",
    ("behavior", "age_bands"): "behavior_age_bands",
    ("behavior", "tenure_bands"): "behavior_tenure_bands",
}
MONTH_TABLES: dict[Keys, str] = {
    ("workforce", "hire_months"): "hire_months",
    ("compensation", "merit", "months"): "merit_months",
}
REASONS: Keys = ("workforce", "termination_reasons")
PLAN_TABLES: frozenset[Keys] = frozenset(
    {
        ("plan", "match", "tiers"),
        ("plan", "match", "bands"),
        ("plan", "nonelective", "bands"),
        *(("plan", "vesting", source) for source in VESTED_SOURCES),
    }
)
"""Settings that reach SQL through match_tiers, nonelective_bands and vesting_schedules."""

IRS_LIMITS = {
    "plan_year": INTEGER,
    "elective_deferral_402g": MONEY,
    "catch_up_50": MONEY,
    "super_catch_up_60_63": MONEY,
    "annual_additions_415c": MONEY,
    "comp_limit_401a17": MONEY,
    "hce_threshold_on_comp_earned_in_this_year": MONEY,
    "key_employee_officer_comp": MONEY,
    "ss_wage_base": MONEY,
    "roth_catchup_prior_year_wage_threshold": MONEY,
    "source": VARCHAR,
}
CPI_U = {"year": INTEGER, "july": MONEY, "august": MONEY, "september": MONEY}
COMP_LEVERS = {
    "simulation_year": INTEGER,
    "level_id": INTEGER,
    "parameter_name": VARCHAR,
    "parameter_value": RATE,
    "parameter_scenario_id": VARCHAR,
    "parameter_source": VARCHAR,
}

Columns = dict[str, str]
Rows = Iterable[Sequence[Any]]


def write_inputs(connection: duckdb.DuckDBPyConnection, inputs: SimulationInputs) -> None:
    """Create schema `inputs` and replace every table of settings, levers and reference data."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS inputs")
    for name, columns, rows in settings_tables(inputs.settings):
        _write(connection, name, columns, rows)
    _write(connection, "comp_levers", COMP_LEVERS, map(astuple, inputs.levers))
    _write_csv(connection, "irs_limits", IRS_LIMITS, CONFIG_DIR / "irs_limits.csv")
    _write_csv(connection, "cpi_u", CPI_U, CONFIG_DIR / "cpi_u_q3.csv")


def settings_tables(settings: SimulationConfig) -> Iterator[tuple[str, Columns, Rows]]:
    """Name, columns (name → SQL type) and rows of every table of settings."""
    scalars: dict[str, tuple[str, Any]] = {}
    for path, field in all_settings():
        value = _value_at(settings, path)
        if path in SECTION_TABLES:
            yield SECTION_TABLES[path], *_section_table(field, value)
        elif path in MONTH_TABLES:
            months = enumerate(value, start=1)
            yield MONTH_TABLES[path], {"month": INTEGER, "weight": RATE}, list(months)
        elif path not in PLAN_TABLES and path[:-1] != REASONS:
            if is_list(field.annotation):
                raise TypeError(f"setting {path} is a list without a table")
            scalars["__".join(map(str, path))] = (sql_type(field), value)
    columns = {name: kind for name, (kind, _) in scalars.items()}
    yield "settings", columns, [[value for _, value in scalars.values()]]
    reasons = settings.workforce.termination_reasons.model_dump().items()
    yield "termination_reasons", {"reason": VARCHAR, "weight": RATE}, list(reasons)
    yield from _plan_tables(settings.plan)


def sql_type(field: FieldInfo) -> str:
    """Column type of a scalar setting, from its annotation."""
    kinds = [field.annotation, *get_args(field.annotation)]
    declared = [item for kind in kinds for item in getattr(kind, "__metadata__", ())]
    for item in (*field.metadata, *declared):
        if isinstance(item, SqlType):
            return item.name
    kind = bare(field.annotation)
    if kind is bool:
        return "BOOLEAN"
    return INTEGER if kind is int else VARCHAR


def _section_table(field: FieldInfo, elements: Sequence[Section]) -> tuple[Columns, Rows]:
    section = element_section(field.annotation)
    if section is None:
        raise TypeError("a list of scalars has no columns to write")
    columns = {name: sql_type(inner) for name, inner in fields_of(section).items()}
    rows = [
        [
            OPEN_END[kind] if value is None else value
            for kind, value in zip(columns.values(), _values(element), strict=True)
        ]
        for element in elements
    ]
    return columns, rows


def _plan_tables(plan: PlanDesign) -> Iterator[tuple[str, Columns, Rows]]:
    open_band = OPEN_END[INTEGER]
    match, nonelective = plan.match, plan.nonelective
    banded = [(band.from_, band.to, band.tiers) for band in match.bands]
    if match.formula == "tiers":
        banded = [(0, None, match.tiers)]
    tiers = [
        (
            start,
            _open(end),
            number,
            tier.rate,
            tiers[number - 2].up_to if number > 1 else 0,
            tier.up_to,
        )
        for start, end, tiers in banded
        for number, tier in enumerate(tiers, start=1)
    ]
    columns = {"band_from": INTEGER, "band_to": INTEGER, "tier": INTEGER}
    yield "match_tiers", columns | {"rate": RATE, "from_rate": RATE, "up_to": RATE}, tiers
    rates = [(band.from_, _open(band.to), band.rate) for band in nonelective.bands]
    if nonelective.formula in ("flat", "permitted_disparity"):
        rates = [(0, open_band, nonelective.rate)]
    columns = {"band_from": INTEGER, "band_to": INTEGER, "rate": RATE}
    yield "nonelective_bands", columns, rates
    vesting = [
        (source, year, share)
        for source in VESTED_SOURCES
        for year, share in enumerate(vesting_table(getattr(plan.vesting, source)))
    ]
    columns = {"source": VARCHAR, "service_years": INTEGER, "vested_share": RATE}
    yield "vesting_schedules", columns, vesting


def _open(end: int | None) -> int:
    return OPEN_END[INTEGER] if end is None else end


def _values(section: Section) -> list[Any]:
    return [getattr(section, name) for name in type(section).model_fields]


def _value_at(settings: SimulationConfig, path: Keys) -> Any:
    value: Any = settings
    for key in path:
        value = getattr(value, str(key))
    return value


def _write(connection: duckdb.DuckDBPyConnection, name: str, columns: Columns, rows: Rows) -> None:
    definition = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
    connection.execute(f"CREATE OR REPLACE TABLE inputs.{name} ({definition})")
    values = [list(row) for row in rows]
    if values:
        row = f"({', '.join('?' * len(columns))})"
        connection.execute(
            f"INSERT INTO inputs.{name} VALUES {', '.join([row] * len(values))}",
            [value for row_values in values for value in row_values],
        )


def _write_csv(
    connection: duckdb.DuckDBPyConnection, name: str, columns: Columns, path: Path
) -> None:
    connection.execute(
        f"CREATE OR REPLACE TABLE inputs.{name} AS SELECT * FROM read_csv("
        "$path, header = true, columns = $columns)",
        {"path": str(path), "columns": columns},
    )
