"""`planwise limits`: what the law allows in a year."""

from typing import Annotated

import typer

from orchestrator.cli.errors import with_clear_errors


def _covered(year: int) -> int:
    from config.schema import FIRST_YEAR, LAST_YEAR

    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise typer.BadParameter(
            f"{year} is not covered: limits are published from {FIRST_YEAR}, and projected to "
            f"{LAST_YEAR}, the last year a simulation may have"
        )
    return year


@with_clear_errors
def limits(
    year: Annotated[int, typer.Argument(callback=_covered, help="Calendar year.")],
    scenario: Annotated[
        str, typer.Option(help="Whose limits.assumed_cpi_growth projects: a name or a YAML file.")
    ] = "baseline",
) -> None:
    """Print the limits of a year, whether published or projected, and their sections.

    Published limits are those of config/irs_limits.csv; later ones follow the statutory indexing
    from CPI-U (config/cpi_u_q3.csv) and the assumed growth of prices after it.

    Example: `planwise limits 2030`
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from orchestrator.limits import limits_of

    result = limits_of(year, scenario)
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column(f"limits of {year}", no_wrap=True)
    table.add_column("dollars", justify="right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("IRC section", no_wrap=True)
    for limit in result.limits:
        if limit.amount is None:
            amount, status = "none", "not yet in force"
        else:
            amount = f"{limit.amount:,.0f}"
            status = "projected" if result.is_projected else "published"
        table.add_row(limit.name, amount, status, limit.section)
    Console(width=110).print(table)
