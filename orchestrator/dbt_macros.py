"""SQL of the dbt macros where no dbt runs: a rule has one definition, in dbt/macros."""

from collections.abc import Callable
from functools import cache

from jinja2 import Environment, Template

from orchestrator.home import DBT_PROJECT


def render(call: str, *files: str, **names: str | Callable[..., str]) -> str:
    """The SQL of a macro call, with the macros of `files` (without suffix) and `names` defined."""
    return _template(call, files).render(names).strip()


@cache
def _template(call: str, files: tuple[str, ...]) -> Template:
    macros = "".join((DBT_PROJECT / "macros" / f"{file}.sql").read_text() for file in files)
    return Environment().from_string(f"{macros}{{{{ {call} }}}}")


def completed_years(from_date: str, to_date: str) -> str:
    """Completed anniversaries of one SQL date on another: ages and service, as everywhere."""
    call = "completed_years(from_date, to_date)"
    return render(call, "calendar", from_date=from_date, to_date=to_date)
