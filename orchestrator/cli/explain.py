"""`planwise explain`: how one person's year in the plan came about."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli.errors import fail, with_clear_errors
from orchestrator.cli.results import Scenario

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from orchestrator.explanation import Section, Table

# Without a terminal nothing is cut: wide enough for the details of events.
PIPE_WIDTH = 200


@with_clear_errors
def explain(
    employee_id: Annotated[str, typer.Argument(help="Person, for example NH_2026_000012.")],
    year: Annotated[int, typer.Argument(help="Simulated year.")],
    scenario: Scenario = "baseline",
) -> None:
    """Print step by step how a person's contributions, match, limits and vesting came about.

    Sections of the Internal Revenue Code stand beside the steps. Every amount is read from the
    engine's own tables; those of a year before the last are computed again, which takes a while
    for large files.

    Example: `planwise explain EMP_000042 2027`
    """
    from rich.console import Console

    from orchestrator.explanation import (
        StaleResultError,
        UnknownEmployeeError,
        UnknownYearError,
    )
    from orchestrator.explanation import explain as explain_year
    from orchestrator.publishing import published_database, scenario_id_of

    database = published_database(scenario_id_of(scenario))
    try:
        explanation = explain_year(
            database, employee_id, year, tell=lambda line: typer.echo(f"{line} …", err=True)
        )
    except (UnknownYearError, UnknownEmployeeError, StaleResultError) as error:
        fail(str(error))
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PIPE_WIDTH)
    console.print(
        f"{employee_id} in {year}, scenario {explanation.scenario_id}, plan design "
        f"{explanation.plan_design_id}, run {explanation.run_id}",
        markup=False,
    )
    for section in explanation.sections:
        console.print()
        console.print(section.heading, style="bold", markup=False)
        if section.steps:
            console.print(_steps(section))
        if section.table:
            console.print(_table(section.table))


def _steps(section: "Section") -> "RichTable":
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=2)
    grid.add_column(max_width=100, overflow="fold")
    grid.add_column(justify="right", no_wrap=True)
    for step in section.steps:
        amount = "" if step.amount is None else f"${step.amount:,.2f}"
        grid.add_row("", Text(step.text), amount)
    return grid


def _table(table: "Table") -> "RichTable":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=box.SIMPLE_HEAD, show_edge=False)
    for index, column in enumerate(table.columns):
        cells = [row[index] for row in table.rows]
        is_number = any(isinstance(cell, Decimal | int) for cell in cells)
        is_text = any(isinstance(cell, str) for cell in cells)
        shown.add_column(
            column, justify="right" if is_number else "left", overflow="fold", no_wrap=not is_text
        )
    for row in table.rows:
        shown.add_row(*(Text(_cell(cell)) for cell in row))
    return shown


def _cell(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case Decimal():
            return f"{cell:,.2f}"
        case date():
            return cell.isoformat()
        case _:
            return str(cell)
