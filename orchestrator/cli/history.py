"""`planwise history`, `planwise replay`: what the log tells about a person, and about everybody."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from orchestrator.cli.errors import FAILURE, fail, with_clear_errors
from orchestrator.cli.results import Scenario

if TYPE_CHECKING:
    import duckdb

AsOf = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Day; default: the end of the last simulated year."),
]
SHOWN_DIFFERENCES = 20


@with_clear_errors
def history(
    employee_id: Annotated[str, typer.Argument(help="Person, for example NH_2026_000012.")],
    as_of: AsOf = None,
    scenario: Scenario = "baseline",
) -> None:
    """Print a person's events, and the state they add up to at the end of a day.

    Example: `planwise history EMP_000042 --as-of 2027-06-30`
    """
    from orchestrator.event_history import UnknownPersonError, person_events, person_state

    with _published_log(scenario) as log:
        day = _day(log, as_of)
        try:
            state = person_state(log, employee_id, day)
        except UnknownPersonError as error:
            fail(str(error))
        events = person_events(log, employee_id, day)
    typer.echo(f"{employee_id}: {len(events)} events up to {day}")
    for event in events:
        typer.echo(
            f"  {event['effective_date']}  {event['event_type']:<16}{event['event_details']}"
        )
    typer.echo(f"state at the end of {day}")
    for name, value in state.items():
        if value is not None:
            typer.echo(f"  {name.replace('_', ' '):<34}{_plain(value)}")


@with_clear_errors
def replay(as_of: AsOf = None, scenario: Scenario = "baseline") -> None:
    """Rebuild the whole workforce from the log at a day; compare with every snapshot up to it.

    Exit code 1 when log and snapshot disagree. Example: `planwise replay --as-of 2027-12-31`
    """
    from orchestrator.event_history import replay_year, simulated_years, workforce_summary

    agree = True
    with _published_log(scenario) as log:
        day = _day(log, as_of)
        typer.echo(f"at the end of {day}")
        for name, value in workforce_summary(log, day).items():
            typer.echo(f"  {name.replace('_', ' '):<36}{_plain(value or 0):>16}")
        for year in simulated_years(log):
            if date(year, 12, 31) > day:
                break
            result = replay_year(log, year)
            agree = agree and not result.differences
            typer.echo(
                f"{year}: log and snapshot compared in {len(result.columns)} columns, "
                f"{len(result.differences):,} differences"
            )
            for difference in result.differences[:SHOWN_DIFFERENCES]:
                typer.echo(f"  {difference}")
    if not agree:
        raise typer.Exit(FAILURE)


def _plain(value: object) -> str:
    """A value for a reader: no zeros at the end of money and rates."""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return f"{Decimal(value).normalize():,f}"
    return str(value)


@contextmanager
def _published_log(scenario: str) -> Iterator["duckdb.DuckDBPyConnection"]:
    import duckdb

    from orchestrator.publishing import published_database, scenario_id_of

    database = published_database(scenario_id_of(scenario))
    with duckdb.connect(str(database), read_only=True) as connection:
        yield connection


def _day(log: "duckdb.DuckDBPyConnection", as_of: datetime | None) -> date:
    from orchestrator.event_history import simulated_years

    years = simulated_years(log)
    opening, end = date(years[0] - 1, 12, 31), date(years[-1], 12, 31)
    day = as_of.date() if as_of else end
    if day > end:
        typer.echo(
            f"Note: nothing is simulated after {end}; this is the state of that day.", err=True
        )
    if day < opening:
        typer.echo(
            f"Note: the log begins with the census of {opening}; people who left before it, and "
            "pay and accounts before it, are not known.",
            err=True,
        )
    return day
