"""Is every published event legal? The whole log through the models, then the rules of the log.

Rows become JSON events (context from the typed columns, payload from `event_payload`) and stream
through the models in batches, so memory is bounded whatever the size of the log.
"""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from uuid import UUID

import duckdb

from orchestrator.event_batches import Batch, Failures, validate_batches
from orchestrator.event_log_rules import broken_rules, log_rules

BATCH_EVENTS = 10_000
# The workers take the rest of the gigabyte that validating a log of any size may use.
MEMORY_LIMIT = "256MB"

# Concatenation takes a third of the time of JSON_OBJECT; the contract of the log keeps NULL out.
# A timestamp is legal unless it is infinite, which has no milliseconds: spelling it out costs most.
LOG_LINE = """CONCAT(
  '{"event_id":"', event_id,
  '","employee_id":', TO_JSON(employee_id),
  ',"effective_date":"', effective_date,
  '","scenario_id":', TO_JSON(scenario_id),
  ',"plan_design_id":', TO_JSON(plan_design_id),
  ',"simulation_year":', simulation_year,
  ',"source_system":', TO_JSON(source_system),
  ',"correlation_id":', COALESCE(TO_JSON(correlation_id), 'null'),
  ',"created_at":', COALESCE(CAST(EPOCH_MS(created_at) AS VARCHAR), 'null'),
  ',"payload":',
  IF(CONTAINS(event_payload, CHR(10)), CAST(JSON(event_payload) AS VARCHAR), event_payload),
  '}', CHR(10)
)"""


@dataclass(frozen=True)
class ValidationReport:
    """`rows` in the log, `validated` of them through the models (all, or a sample), seconds."""

    rows: int
    validated: int
    seconds: float
    failures: Failures

    @property
    def passed(self) -> bool:
        return self.failures.total == 0

    @property
    def rate(self) -> float:
        """Events validated per second."""
        return self.validated / self.seconds if self.seconds else 0.0

    @property
    def scope(self) -> str:
        """Which rows met the models, in words."""
        if self.validated == self.rows:
            return f"all {self.rows:,} rows"
        return f"a sample of {self.validated:,} of {self.rows:,} rows"


def validate_log(
    connection: duckdb.DuckDBPyConnection, sample_above: int | None = None
) -> ValidationReport:
    """Validate `fct_yearly_events` of an open database.

    Every row meets the models, unless the log is longer than `sample_above`: then about that many
    rows do, always the same ones (the ids are derived from a hash, so the lowest ids are a fair
    sample). The rules of the log are asked of all rows in either case.
    """
    start = time.perf_counter()
    report = meet_models(connection, sample_above)
    rules = log_rules("(SELECT *, 0 AS place FROM fct_yearly_events)", "stg_census_data")
    report.failures.merge(broken_rules(connection, rules))
    return replace(report, seconds=time.perf_counter() - start)


def meet_models(
    connection: duckdb.DuckDBPyConnection, sample_above: int | None = None
) -> ValidationReport:
    """The events against their models only."""
    start = time.perf_counter()
    (rows,) = connection.execute("SELECT COUNT(*) FROM fct_yearly_events").fetchone()
    everything = sample_above is None or rows <= sample_above
    share = Fraction(1) if everything else Fraction(sample_above, rows)
    validated, failures = validate_batches(_log_batches(connection, share))
    return ValidationReport(rows, validated, time.perf_counter() - start, failures)


def validate_published_log(path: Path, sample_above: int | None = None) -> ValidationReport:
    """Validate the log of a database file, read-only and within a fixed share of memory."""
    # A database of its own, because connections of a process to one file share their settings.
    with tempfile.TemporaryDirectory() as overflow:
        config = {"memory_limit": MEMORY_LIMIT, "temp_directory": overflow}
        with duckdb.connect(config=config) as connection:
            literal = str(path).replace("'", "''")
            connection.execute(f"ATTACH '{literal}' AS published (READ_ONLY)")
            connection.execute("USE published")
            return validate_log(connection, sample_above)


def event_lines(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[bytes]:
    """The result of a query of one column, lines of JSON, in batches."""
    for batch in connection.execute(query).to_arrow_reader(BATCH_EVENTS):
        # Arrow keeps the texts of a column one after the other: they are the batch.
        _, _, texts = batch.column(0).buffers()
        yield texts.to_pybytes()


def _log_batches(connection: duckdb.DuckDBPyConnection, share: Fraction) -> Iterator[Batch]:
    highest = UUID(int=int(share * (2**128 - 1)))
    for lines in event_lines(
        connection, f"SELECT {LOG_LINE} FROM fct_yearly_events WHERE event_id <= '{highest}'"
    ):
        yield 0, lines
