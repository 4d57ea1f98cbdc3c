"""Results of the checks that `mon_data_quality` computes each year."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb


@dataclass(frozen=True)
class QualityResult:
    """One check of one year. `measured` and `expected` are in the unit that `detail` names; None
    for a check that only counts rows."""

    check_name: str
    simulation_year: int
    severity: Literal["error", "warn"]
    checked_rows: int
    failing_rows: int
    measured: float | None
    expected: float | None
    detail: str | None

    @property
    def passed(self) -> bool:
        return self.failing_rows == 0

    @property
    def blocks(self) -> bool:
        return self.severity == "error" and not self.passed

    def __str__(self) -> str:
        numbers = f"; measured {self.measured}, expected {self.expected}"
        return (
            f"{self.check_name} in {self.simulation_year}: {self.failing_rows:,} of "
            f"{self.checked_rows:,} rows fail{'' if self.measured is None else numbers}. "
            f"{self.detail or ''}"
        ).rstrip()


def not_published(database: Path) -> str:
    """Where the years of a refused run can be looked at."""
    return f"Nothing was published. Until the next run, the refused years are in {database}"


class QualityError(Exception):
    """Checks of severity error failed; `failures` holds them."""

    def __init__(self, failures: Sequence[QualityResult], database: Path) -> None:
        super().__init__("\n".join([*map(str, failures), not_published(database)]))
        self.failures = failures


EVENT_LOG = "fct_yearly_events"
EVENT_CHECK = "event_models"
EVENT_SAMPLE = 15_000


def check_events(connection: duckdb.DuckDBPyConnection, year: int) -> QualityResult:
    """The log up to `year` against the typed models: all of it, or a stated sample of a long one.

    `planwise events validate` puts every row through the models, whatever the length.
    """
    from orchestrator.event_validation import meet_models

    report = meet_models(connection, sample_above=EVENT_SAMPLE)
    examples = "".join(f"; {failure}" for failure in report.failures.examples[:3])
    return QualityResult(
        EVENT_CHECK,
        year,
        "error",
        checked_rows=report.validated,
        failing_rows=report.failures.total,
        measured=None,
        expected=None,
        detail=f"{report.scope} satisfy the models of config/events.py{examples}",
    )


def read_quality(connection: duckdb.DuckDBPyConnection, year: int) -> list[QualityResult]:
    """Every check of a year, in order of name."""
    rows = connection.execute(
        """
        SELECT check_name, simulation_year, severity, checked_rows, failing_rows,
               measured, expected, detail
        FROM main.mon_data_quality
        WHERE simulation_year = ?
        ORDER BY check_name
        """,
        [year],
    ).fetchall()
    return [QualityResult(*row) for row in rows]
