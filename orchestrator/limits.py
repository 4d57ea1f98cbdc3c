"""The limits of one year, computed by the model a simulation uses, on a database of its own."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from config.loading import load_simulation
from config.schema import LAST_YEAR
from config.tables import write_inputs
from orchestrator.database import DATABASE_NAME
from orchestrator.dbt_runner import DbtProject

MODEL = "int_plan_limits"

# Column of the model: what it limits, and the section of the Internal Revenue Code.
LIMITS = {
    "elective_deferral_limit": ("Elective deferrals", "402(g)(1)"),
    "catch_up_limit": ("Catch-up at 50", "414(v)(2)(B)(i)"),
    "super_catch_up_limit": ("Catch-up at 60 to 63", "414(v)(2)(E)"),
    "annual_additions_limit": ("Annual additions", "415(c)(1)(A)"),
    "compensation_limit": ("Compensation a plan may count", "401(a)(17)"),
    "hce_threshold": ("Pay that makes highly compensated next year", "414(q)(1)(B)"),
    "key_employee_compensation": ("Pay that makes an officer a key employee", "416(i)(1)(A)(i)"),
    "roth_catch_up_wage_threshold": ("Wages last year that make catch-ups Roth", "414(v)(7)(A)"),
    "social_security_wage_base": ("Social Security wage base", "3121(a)(1)"),
}


@dataclass(frozen=True)
class Limit:
    """One limit in dollars; None where the year has no such limit."""

    name: str
    section: str
    amount: Decimal | None


@dataclass(frozen=True)
class YearLimits:
    """The limits of a year: published by the IRS, or projected by statutory indexing."""

    year: int
    is_projected: bool
    limits: tuple[Limit, ...]


def limits_of(year: int, scenario: str) -> YearLimits:
    """The limits of `year` under the assumed price growth of `scenario`.

    Raises `SettingsError` for an unknown scenario and `ModelFailedError` for a year that is neither
    published nor later than the published ones.
    """
    # The model starts a year before the simulation, whose look-back year needs limits too.
    start = min(year + 1, LAST_YEAR)
    inputs = load_simulation(scenario=scenario, years=(start, start))
    with TemporaryDirectory(prefix="planwise-limits-") as directory:
        database = Path(directory) / DATABASE_NAME
        with duckdb.connect(str(database)) as connection:
            write_inputs(connection, inputs)
            # Without this table the dbt plugin takes the file for a fresh one and loads a census.
            connection.execute("CREATE TABLE inputs.run AS SELECT 'limits' AS run_id")
        DbtProject.parse().run_models(database, start, [MODEL])
        with duckdb.connect(str(database), read_only=True) as connection:
            row = connection.execute(
                f"SELECT is_projected, {', '.join(LIMITS)} FROM {MODEL} WHERE simulation_year = ?",
                [year],
            ).fetchone()
    is_projected, *amounts = row
    limits = [
        Limit(name, section, amount)
        for (name, section), amount in zip(LIMITS.values(), amounts, strict=True)
    ]
    return YearLimits(year, is_projected, tuple(limits))
