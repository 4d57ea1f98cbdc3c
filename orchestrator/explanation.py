"""Explanation: how one person's contributions, match, limits and vesting of a year came about.

Every figure is read from the engine's own tables (`sql/explain_*.sql`); no formula is repeated
here. A published file keeps the scratch tables of its last year only, so those of an earlier year
(or of other code) are computed again, by the same models on the same inputs and the same previous
year, in a temporary database.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from orchestrator.code_version import code_version
from orchestrator.database import DATABASE_NAME
from orchestrator.dbt_runner import DbtProject
from orchestrator.event_history import simulated_years

SQL_DIRECTORY = Path(__file__).parent / "sql"

# Tables that the models of a year read of earlier years, and the queries of the year itself.
RESULTS = (
    "fct_simulation_summary",
    "fct_workforce_snapshot",
    "fct_participant_accounts",
    "fct_forfeiture_account",
    "fct_compliance_tests",
    "fct_compliance_corrections",
)
# Models of one year that the queries read; the views show what the engine keeps inside a query.
YEAR_TABLES = ("int_plan_money", "int_vesting", "int_leaver_accounts")
YEAR_VIEWS = ("election_decisions", "annual_employer_money", "former_participants")

# Title, sections of the Internal Revenue Code, query of the steps, query of the table.
SECTIONS = (
    ("Person", "", "person", None),
    ("Pay of the year", "", "pay", "rates"),
    ("Eligibility and entry", "410(a)", "entry", None),
    ("Elections", "401(k)(2), 414(w)", "elections", None),
    ("Permissible withdrawal", "414(w)", "withdrawal", None),
    ("Pay dates", "", None, "payroll"),
    ("Limits of deferrals and pay", "402(g), 414(v), 401(a)(17)", "limits", None),
    ("Match", "401(m)", "match", None),
    ("Other employer money", "401(a)(4), 416(c)", "employer_money", None),
    ("Annual additions", "415(c)", "annual_additions", None),
    ("Highly compensated", "414(q)", "highly_compensated", None),
    ("Nondiscrimination tests", "401(k)(3), 401(m)(2)", "tests", None),
    ("Vesting", "411(a)", "vesting", None),
    ("Accounts after leaving", "411(a)(6), 411(a)(11)", None, "leaving"),
    ("Accounts of the year", "", None, "accounts"),
    ("Events", "", None, "events"),
)


class UnknownYearError(Exception):
    """The year was not simulated; the message lists the years that were."""


class UnknownEmployeeError(Exception):
    """Nobody of that id worked or held an account in the year; the message suggests ids."""


class StaleResultError(Exception):
    """The models of today compute something else than the published result holds."""


@dataclass(frozen=True)
class Step:
    """One statement; `amount` in dollars where it is about an amount."""

    text: str
    amount: Decimal | None


@dataclass(frozen=True)
class Table:
    """Columns and rows: dollars are Decimal, days date, everything else text or a number."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Section:
    """Part of an explanation; `reference` names sections of the Internal Revenue Code, or none."""

    title: str
    reference: str
    steps: list[Step]
    table: Table | None

    @property
    def heading(self) -> str:
        return f"{self.title} (IRC {self.reference})" if self.reference else self.title


@dataclass(frozen=True)
class Explanation:
    """One person in one year, section by section; sections that do not apply are left out."""

    employee_id: str
    year: int
    scenario_id: str
    plan_design_id: str
    run_id: str
    sections: list[Section]

    def section(self, title: str) -> Section:
        """The section of that title. Raises `KeyError` when it does not apply."""
        for section in self.sections:
            if section.title == title:
                return section
        raise KeyError(title)


def explain(
    database: Path, employee_id: str, year: int, tell: Callable[[str], None]
) -> Explanation:
    """Explain a person's year from a published file, which is only read.

    `tell` receives a line before each slow part. Raises `UnknownYearError`,
    `UnknownEmployeeError`, `StaleResultError`, and `DbtError` when a model fails.
    """
    # Before the slow part: a wrong id or year is reported at once.
    with duckdb.connect(str(database), read_only=True) as published:
        _assert_known(published, employee_id, year)
    with open_year(database, year, tell) as workings:
        return explain_person(workings, employee_id, year)


@contextmanager
def open_year(
    database: Path, year: int, tell: Callable[[str], None]
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Everything the engine worked out in `year`, for any number of calls of `explain_person`.

    The connection reads a temporary database, which goes when the context ends. Raises
    `UnknownYearError`.
    """
    with duckdb.connect(str(database), read_only=True) as published:
        keeps_workings = _assert_simulated(published, year) == year and _is_of_this_code(published)
    with TemporaryDirectory(prefix="planwise-explain-") as directory:
        work = Path(directory) / DATABASE_NAME
        tell(f"Reading {year} from {database} ({database.stat().st_size / 1e6:,.0f} MB)")
        _copy(database, work, year, with_year_tables=keeps_workings)
        if keeps_workings:
            models = list(YEAR_VIEWS)
        else:
            tell(f"Computing the workings of {year} again")
            models = [f"+{model}" for model in (*YEAR_TABLES, *YEAR_VIEWS)]
        DbtProject.parse().run_models(work, year, models)
        with duckdb.connect(str(work)) as connection:
            _attach(connection, database)
            connection.execute(
                "CREATE TEMP VIEW fct_yearly_events AS FROM published.fct_yearly_events"
            )
            connection.execute(_query("wording"))
            yield connection


def explain_person(workings: duckdb.DuckDBPyConnection, employee_id: str, year: int) -> Explanation:
    """Explain one person from the connection of `open_year`.

    Raises `UnknownEmployeeError` and `StaleResultError`.
    """
    _assert_known(workings, employee_id, year)
    workings.execute("SET VARIABLE employee_id = ?", [employee_id])
    workings.execute("SET VARIABLE year = ?", [year])
    _assert_agreement(workings, employee_id, year)
    sections = []
    for title, reference, steps_query, table_query in SECTIONS:
        steps = _steps(workings, steps_query) if steps_query else []
        table = _table(workings, table_query) if table_query else None
        if steps or table:
            sections.append(Section(title, reference, steps, table))
    run = workings.execute("SELECT scenario_id, plan_design_id, run_id FROM inputs.run").fetchone()
    return Explanation(employee_id, year, *run, sections)


def _assert_simulated(results: duckdb.DuckDBPyConnection, year: int) -> int:
    """Return the last simulated year. Raises `UnknownYearError`."""
    years = simulated_years(results)
    if year not in years:
        listed = ", ".join(map(str, years))
        raise UnknownYearError(f"{year} was not simulated. The years of this result are {listed}.")
    return years[-1]


def _is_of_this_code(results: duckdb.DuckDBPyConnection) -> bool:
    [(published_version,)] = results.execute("SELECT code_version FROM inputs.run").fetchall()
    return published_version == code_version()


def _assert_known(results: duckdb.DuckDBPyConnection, employee_id: str, year: int) -> None:
    """Raise when there is nobody to explain in the year."""
    _assert_simulated(results, year)
    found = results.execute(
        """
        SELECT simulation_year FROM fct_workforce_snapshot WHERE employee_id = $person
        UNION
        SELECT simulation_year FROM fct_participant_accounts WHERE employee_id = $person
        ORDER BY simulation_year
        """,
        {"person": employee_id},
    ).fetchall()
    years = [own_year for (own_year,) in found]
    if year in years:
        return
    if years:
        listed = ", ".join(map(str, years))
        raise UnknownEmployeeError(
            f"{employee_id} neither worked nor held an account in {year}, but in {listed}."
        )
    asked = {"employee_id": employee_id, "year": year}
    near = ", ".join(
        near_id for (near_id,) in results.execute(_query("near_ids"), asked).fetchall()
    )
    raise UnknownEmployeeError(f"There is no {employee_id} in {year}. Nearest ids: {near}.")


def _attach(connection: duckdb.DuckDBPyConnection, database: Path) -> None:
    quoted = str(database).replace("'", "''")
    connection.execute(f"ATTACH '{quoted}' AS published (READ_ONLY)")


def _copy(database: Path, work: Path, year: int, with_year_tables: bool) -> None:
    """Write what the models and the queries of `year` read into a new database."""
    with duckdb.connect(str(work)) as connection:
        _attach(connection, database)
        tables = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'published'"
        ).fetchall()
        connection.execute("CREATE SCHEMA inputs")
        for schema, table in tables:
            is_year_table = with_year_tables and table.startswith(("int_", "stg_"))
            if schema == "inputs" or is_year_table:
                connection.execute(
                    f"CREATE TABLE {schema}.{table} AS FROM published.{schema}.{table}"
                )
        for table in RESULTS:
            connection.execute(
                f"CREATE TABLE {table} AS FROM published.{table} WHERE simulation_year <= ?",
                [year],
            )


def _assert_agreement(workings: duckdb.DuckDBPyConnection, employee_id: str, year: int) -> None:
    differences = workings.execute(_query("agreement")).fetchall()
    if differences:
        listed = "; ".join(
            f"{name} {computed:,.2f}, published {published:,.2f}"
            for name, computed, published in differences
        )
        raise StaleResultError(
            f"{employee_id} in {year} cannot be explained: the models compute {listed}. The "
            "result was made by another version of the code; run the scenario again."
        )


def _steps(connection: duckdb.DuckDBPyConnection, name: str) -> list[Step]:
    return [Step(*row) for row in connection.execute(_query(name)).fetchall()]


def _table(connection: duckdb.DuckDBPyConnection, name: str) -> Table | None:
    result = connection.execute(_query(name))
    columns = tuple(column.replace("_", " ") for column, *_ in result.description)
    rows = result.fetchall()
    return Table(columns, rows) if rows else None


def _query(name: str) -> str:
    return (SQL_DIRECTORY / f"explain_{name}.sql").read_text()
