"""`planwise run`."""

import gc
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from orchestrator.cli.errors import INTERRUPTED, fail, with_clear_errors
from orchestrator.cli.results import Scenario

if TYPE_CHECKING:
    from orchestrator.publishing import PublishedRun

OverridesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="A setting by its dotted path; may be repeated.",
    ),
]


@with_clear_errors
def run(
    scenario: Scenario = "baseline",
    plan_design: Annotated[
        str | None, typer.Option(help="Name in config/plan_designs/, or a YAML file.")
    ] = None,
    years: Annotated[
        str | None, typer.Option(metavar="A:B", help="First and last year, or one year.")
    ] = None,
    census: Annotated[
        Path | None, typer.Option(help="CSV or Parquet; default: a generated sample.")
    ] = None,
    previous_census: Annotated[
        Path | None, typer.Option(help="An earlier census, to report drift against.")
    ] = None,
    levers: Annotated[Path | None, typer.Option(help="CSV of compensation levers.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of every random draw.")] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="DuckDB threads; default: all cores.")
    ] = None,
    allow_rejects: Annotated[
        bool, typer.Option("--allow-rejects", help="Run without the census rows that are bad.")
    ] = False,
    overrides: OverridesOption = None,
) -> None:
    """Simulate one scenario through Dagster and publish the result.

    Example: `planwise run --census people.csv --years 2025:2029 --seed 7`
    """
    # Dagster and dbt make a million lasting objects. Looking for garbage among them costs a tenth
    # of a run, and there are ten megabytes of it for each year.
    gc.disable()
    from orchestrator.cli.display import TerminalProgress
    from orchestrator.cli.summary import print_summary
    from orchestrator.preflight import plan_run
    from orchestrator.request import RunRequest

    request = RunRequest(
        scenario=scenario,
        plan_design=plan_design,
        years=parse_years(years) if years else None,
        census=_absolute(census),
        previous_census=_absolute(previous_census),
        levers=_absolute(levers),
        seed=seed,
        overrides=tuple(overrides or ()),
        threads=threads,
        allow_rejects=allow_rejects,
    )
    plan = plan_run(request)

    with TerminalProgress(plan) as progress:
        progress.starting()
        from orchestrator.launch import launch

        try:
            launch(request, plan, progress)
        except (Exception, KeyboardInterrupt) as error:
            if progress.published is None:
                raise
            _fail_after_publication(progress.published, error)
    print_summary(progress)
    # At exit Python looks for garbage once more, a second for the sake of memory given back anyway.
    gc.freeze()


def parse_years(text: str) -> tuple[int, int]:
    """`2025:2029` or `2025` as (first, last). Raises `typer.BadParameter`."""
    found = re.fullmatch(r"(\d{4})(?::(\d{4}))?", text.strip())
    if not found:
        raise typer.BadParameter(f"{text!r}: give two years as 2025:2029, or one as 2025")
    first = int(found[1])
    last = int(found[2] or first)
    if last < first:
        raise typer.BadParameter(f"{text!r} ends before it begins: give two years as 2025:2029")
    return first, last


def _fail_after_publication(run: "PublishedRun", error: BaseException) -> NoReturn:
    """The result stands: what went wrong is Dagster's record of the run."""
    published = f"the result is published, as run {run.run_id}"
    if isinstance(error, KeyboardInterrupt):
        fail(f"interrupted; {published}", INTERRUPTED)
    fail(f"{published}, but Dagster's history could not be written: {str(error).splitlines()[0]}")


def _absolute(path: Path | None) -> Path | None:
    return path.expanduser().resolve() if path else None
