"""Console script `planwise`."""

import typer

from orchestrator.cli import census, events, explain, history, limits, results, run

app = typer.Typer(
    name="planwise",
    help="Project a workforce and its 401(k) plan year by year.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(name="run")(run.run)
app.command(name="db")(results.db)
app.command(name="digest")(results.digest)
app.command(name="runs")(results.runs)
app.command(name="limits")(limits.limits)
app.command(name="explain")(explain.explain)
app.command(name="history")(history.history)
app.command(name="replay")(history.replay)
app.add_typer(census.app, name="census")
app.add_typer(events.app, name="events")
