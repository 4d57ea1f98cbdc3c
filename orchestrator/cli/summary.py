"""What an analyst reads after a run."""

from decimal import Decimal

import duckdb
from rich import box
from rich.console import Console
from rich.table import Table

from orchestrator.cli.display import TerminalProgress
from orchestrator.event_history import simulated_years

HEADCOUNT_WALK = {
    "opening": "opening_headcount",
    "hires": "hires",
    "experienced exits": "-experienced_terminations",
    "new-hire exits": "-new_hire_terminations",
    "closing": "closing_headcount",
}
PAYROLL_WALK = {
    "opening": "opening_payroll",
    "COLA": "cola_payroll",
    "merit": "merit_payroll",
    "promotion": "promotion_payroll",
    "hires": "hire_payroll",
    "exits": "-exit_payroll",
    "closing": "closing_payroll",
}

WIDEST_TABLE = 100


def print_summary(progress: TerminalProgress) -> None:
    """Walks, events, checks, and where the result is."""
    run = progress.published
    # A number cut by a narrow terminal would be a wrong number: better a wrapped line.
    console = Console(highlight=False, width=max(Console().width, WIDEST_TABLE))
    with duckdb.connect(str(run.database), read_only=True) as connection:
        console.print(_walk(connection, "Headcount", HEADCOUNT_WALK))
        console.print(_walk(connection, "Annual payroll, $ thousand", PAYROLL_WALK, unit=1000))
        console.print(_plan(connection))
        console.print(_events(connection))
    console.print(
        f"{progress.checks} checks and {progress.tests} data tests passed.\n"
        f"Database: {run.database}\n"
        f"Run {run.run_id}, seed {run.identity.random_seed}, {run.duration_seconds:.1f} s.",
        soft_wrap=True,
    )


def _walk(
    connection: duckdb.DuckDBPyConnection, title: str, steps: dict[str, str], unit: int = 1
) -> Table:
    table = Table("year", title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for name in steps:
        table.add_column(name, justify="right")
    rows = connection.sql(
        f"""
        SELECT simulation_year, {", ".join(steps.values())}
        FROM main.fct_simulation_summary ORDER BY simulation_year
        """
    ).fetchall()
    for year, *amounts in rows:
        table.add_row(str(year), *(_amount(amount / unit) for amount in amounts))
    return table


def _plan(connection: duckdb.DuckDBPyConnection) -> Table:
    table = Table("year", title="Plan, $ thousand", title_justify="left", box=box.SIMPLE_HEAD)
    for name in ("participation", "mean deferral", "deferrals", "employer cost", "share of pay"):
        table.add_column(name, justify="right")
    rows = connection.sql(
        """
        SELECT
          simulation_year, participation_rate, average_deferral_rate,
          employee_contributions, employer_cost, employer_cost_rate
        FROM main.fct_simulation_summary ORDER BY simulation_year
        """
    ).fetchall()
    for year, participation, deferral, contributions, cost, share in rows:
        table.add_row(
            str(year),
            f"{participation:.1%}",
            f"{deferral:.2%}",
            _amount(contributions / 1000),
            _amount(cost / 1000),
            f"{share:.2%}",
        )
    return table


def _events(connection: duckdb.DuckDBPyConnection) -> Table:
    years = simulated_years(connection)
    counts = {
        (event, year): count
        for event, year, count in connection.sql(
            """
            SELECT event_type, simulation_year, count(*)
            FROM main.fct_yearly_events GROUP BY ALL
            """
        ).fetchall()
    }
    table = Table("event", title="Events", title_justify="left", box=box.SIMPLE_HEAD)
    for year in years:
        table.add_column(str(year), justify="right")
    for event in sorted({event for event, _ in counts}):
        table.add_row(event, *(_amount(counts.get((event, year), 0)) for year in years))
    return table


def _amount(value: float | Decimal) -> str:
    return f"{value:,.0f}"
