"""`planwise events`: check the published log, bring events in, export their schema."""

import json
from pathlib import Path
from typing import Annotated

import typer

from orchestrator.cli.errors import FAILURE, fail, with_clear_errors
from orchestrator.cli.results import Scenario

app = typer.Typer(help="Check, import and describe events.", no_args_is_help=True)


@app.command()
@with_clear_errors
def validate(
    scenario: Scenario = "baseline",
    sample_above: Annotated[
        int | None,
        typer.Option(min=1, help="In a longer log, about this many rows meet the models."),
    ] = None,
) -> None:
    """Put every published event through its model; exit code 1 when one fails.

    Example: `planwise events validate --scenario baseline`
    """
    from orchestrator.event_validation import validate_published_log
    from orchestrator.publishing import published_database, scenario_id_of

    report = validate_published_log(published_database(scenario_id_of(scenario)), sample_above)
    typer.echo(
        f"{report.scope} through the models and all through the rules of the log "
        f"in {report.seconds:.1f} s ({report.rate:,.0f} rows/s)"
    )
    if report.passed:
        typer.echo("0 failures")
        return
    typer.echo(f"{report.failures.total:,} failures")
    for (event_type, rule), count in sorted(report.failures.counts.items()):
        typer.echo(f"  {event_type or '(no type)'} {rule}: {count:,}")
    typer.echo("for example")
    for failure in report.failures.examples:
        typer.echo(f"  {failure}")
    raise typer.Exit(FAILURE)


@app.command(name="import")
@with_clear_errors
def import_(
    path: Annotated[Path, typer.Argument(help="JSON lines (.jsonl) or Parquet (.parquet).")],
    scenario: Scenario = "baseline",
) -> None:
    """Append events to the log of a published result: all of the file, or nothing of it.

    Snapshot and reports stay those of the run; `planwise replay` shows what the longer log changes.

    Example: `planwise events import corrections.jsonl --scenario baseline`
    """
    from orchestrator.event_import import EventFileError, EventImportError
    from orchestrator.event_publication import import_into_published
    from orchestrator.publishing import scenario_id_of

    try:
        report, published = import_into_published(scenario_id_of(scenario), path)
    except (EventFileError, EventImportError) as error:
        fail(str(error))
    typer.echo(
        f"{report.events:,} events appended in {report.seconds:.1f} s; "
        f"published as run {published.run_id}"
    )


@app.command()
@with_clear_errors
def schema(
    output: Annotated[
        Path | None, typer.Option(help="File to write; without it, to standard output.")
    ] = None,
) -> None:
    """Write the JSON Schema of an event and of every payload.

    Example: `planwise events schema --output docs/event_schema.json`
    """
    from config.events import event_schema

    text = json.dumps(event_schema(), indent=2)
    if output is None:
        typer.echo(text)
        return
    output.write_text(text + "\n")
    typer.echo(f"schema written to {output}")
