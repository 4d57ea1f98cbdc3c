"""From an exception to a message an analyst can act on."""

import contextlib
import logging
import secrets
import traceback
from collections.abc import Iterator

from orchestrator import home
from orchestrator.failures import explanation
from streamlit_dashboard.runs.watching import show_failure

logger = logging.getLogger(__name__)


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Show what went wrong in words; what only a developer understands goes to the log."""
    try:
        yield
    except Exception as error:
        message = explanation(error)
        if message is None:
            reference = secrets.token_hex(3)
            log = home.logs_directory() / "dashboard.log"
            with log.open("a") as file:
                file.write(f"reference {reference}\n{traceback.format_exc()}\n")
            logger.error("reference %s", reference, exc_info=error)
            message = (
                "This page could not be shown, because of a defect in the dashboard. Your results "
                f"and settings are untouched. Reference {reference}, details in {log}."
            )
        show_failure(message)
