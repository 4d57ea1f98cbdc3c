"""`planwise census`: make a sample, check a file."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.errors import with_clear_errors

app = typer.Typer(help="Generate or check a census.", no_args_is_help=True)

AsOf = Annotated[
    str | None,
    typer.Option(metavar="YYYY-MM-DD", help="Census date; default: the day before start_year."),
]


@app.command()
@with_clear_errors
def generate(
    output: Annotated[Path, typer.Option(help="CSV file to write.")],
    employees: Annotated[int, typer.Option(min=1, help="People in the file.")] = 5000,
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds give equal files.")] = 42,
    as_of: AsOf = None,
) -> None:
    """Write the census of a made-up but plausible US employer.

    Example: `planwise census generate --employees 5000 --seed 42 --output people.csv`
    """
    from config.loading import load_simulation
    from orchestrator import sample_census

    census_date = _day(as_of) or load_simulation().settings.simulation.census_date
    try:
        sample_census.generate(employees, seed, output, census_date)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    typer.echo(f"{employees:,} people written to {output}")


@app.command()
@with_clear_errors
def validate(
    path: Annotated[Path, typer.Argument(help="CSV or Parquet file.")],
    previous: Annotated[
        Path | None, typer.Option(help="An earlier census, to report drift against.")
    ] = None,
    scenario: Annotated[
        str, typer.Option(help="Scenario whose job levels and start year apply.")
    ] = "baseline",
    as_of: AsOf = None,
) -> None:
    """Check every row of a census; exit code 1 when there is a bad one.

    Example: `planwise census validate people.csv`
    """
    import duckdb

    from config.loading import load_simulation
    from orchestrator import home
    from orchestrator.census import CensusError, load_census

    settings = load_simulation(scenario).settings
    with duckdb.connect() as connection:
        try:
            report = load_census(
                connection,
                path,
                as_of=_day(as_of) or settings.simulation.census_date,
                ssn_key=home.ssn_key(),
                levels=[level.level_id for level in settings.compensation.job_levels],
                allow_rejects=False,
                previous=previous,
            )
        except CensusError as error:
            typer.echo(error.report.render(limit=None) if error.report else error, err=True)
            raise typer.Exit(1) from None
    typer.echo(report.render())


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no date; write it as 2024-12-31") from None
