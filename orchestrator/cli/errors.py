"""From an exception to one clear message and an exit code."""

import functools
import logging
import os
import sys
from collections.abc import Callable
from typing import NoReturn, ParamSpec, TypeVar

import typer

FAILURE, INTERRUPTED = 1, 130

P = ParamSpec("P")
R = TypeVar("R")


def fail(message: str, code: int = FAILURE) -> NoReturn:
    """Print one message to standard error and leave with `code`."""
    typer.secho("Error: ", err=True, fg=typer.colors.RED, nl=False)
    typer.echo(message, err=True)
    raise typer.Exit(code)


def with_clear_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Report the failures a person can mend as a message; `PLANWISE_DEBUG=1` shows tracebacks."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        # On a full disk dbt's log fails at every line, and tracebacks would bury the one message.
        logging.raiseExceptions = False
        try:
            return command(*args, **kwargs)
        except KeyboardInterrupt:
            fail("interrupted; nothing was published", INTERRUPTED)
        except BrokenPipeError:
            # As with `| head`: whoever read the output has enough of it, and needs no message.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(FAILURE) from None
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except Exception as error:
            from orchestrator.failures import explanation

            if os.environ.get("PLANWISE_DEBUG"):
                raise
            defect = f"{type(error).__name__}: {error}\nSet PLANWISE_DEBUG=1 to see where."
            fail(explanation(error) or defect)

    return wrapped
