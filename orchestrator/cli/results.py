"""`planwise db`, `planwise digest`, `planwise runs`: what is published."""

import json
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.errors import with_clear_errors

Scenario = Annotated[str, typer.Option(help="Name in config/scenarios/, or a YAML file.")]


@with_clear_errors
def db(scenario: Scenario = "baseline") -> None:
    """Print the path of the published DuckDB file.

    Example: `duckdb -readonly "$(planwise db --scenario baseline)"`
    """
    from orchestrator.publishing import published_database, scenario_id_of

    typer.echo(published_database(scenario_id_of(scenario)))


@with_clear_errors
def digest(
    scenario: Scenario = "baseline",
    database: Annotated[
        Path | None, typer.Option("--db", help="A DuckDB file instead of the published one.")
    ] = None,
) -> None:
    """Print a digest of the events and the snapshot of each year, as JSON.

    Equal digests mean equal rows. Example: `planwise digest --scenario baseline`
    """
    from orchestrator.digest import digest_database
    from orchestrator.publishing import published_database, scenario_id_of

    path = database or published_database(scenario_id_of(scenario))
    typer.echo(json.dumps(digest_database(path), indent=2))


@with_clear_errors
def runs(
    scenario: Annotated[str | None, typer.Option(help="Only this name or YAML file.")] = None,
) -> None:
    """List the published results that are kept, newest first; * marks the current one.

    Example: `planwise runs --scenario baseline`
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from orchestrator.publishing import current_run_ids, list_runs, published_run, scenario_id_of

    if scenario is None:
        listed = list_runs()
    else:
        scenario_id = scenario_id_of(scenario)
        # A scenario without any result is told as `planwise db` does.
        listed = list_runs(scenario_id) or [published_run(scenario_id)]
    table = Table(box=box.SIMPLE_HEAD)
    columns = "", "run", "scenario", "plan design", "years", "seed", "settings", "census"
    for column in (*columns, "levers", "code", "seconds"):
        table.add_column(column, overflow="fold")
    current = current_run_ids()
    for published in listed:
        identity = published.identity
        table.add_row(
            "*" if published.run_id in current else "",
            published.run_id,
            identity.scenario_id,
            identity.plan_design_id,
            f"{published.years[0]}-{published.years[1]}",
            str(identity.random_seed),
            identity.settings_hash[:10],
            identity.census_hash[:10],
            identity.levers_hash[:10],
            identity.code_version,
            f"{published.duration_seconds:.1f}",
        )
    console = Console()
    # Without a terminal the table keeps its natural width, so that nothing is cut in a pipe.
    console.print(table) if console.is_terminal else Console(width=220).print(table)
