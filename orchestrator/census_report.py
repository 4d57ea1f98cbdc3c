"""What a person and a program learn about a census: the report, its rejects, and the error."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

SHOWN_REJECTS = 20

# What the command line offers; the dashboard says in its own words what to do instead.
REJECTS_ADVICE = "Correct the rows, or run with --allow-rejects to leave them out."
ALL_REJECTS = "more; all of them:"


class Reject(NamedTuple):
    """One bad cell. `row_number` counts as the report's `row_label` says."""

    row_number: int
    column_name: str
    value: str | None
    reason: str


class Drift(NamedTuple):
    """Kolmogorov-Smirnov comparison of one measure with the previous census."""

    measure: str
    previous_rows: int
    current_rows: int
    statistic: float
    p_value: float
    threshold: float
    drifted: bool


@dataclass(frozen=True)
class CensusReport:
    """Result of reading one census.

    `source_rows` is `accepted_rows + rejected_rows`. `reasons` counts bad cells by column and rule.
    `rejects` holds every bad cell as an Arrow table (row_number, column_name, value, reason);
    `iter_rejects` gives them as tuples. No field ever holds a social security number.
    """

    source_path: Path
    as_of: date
    row_label: str
    source_rows: int
    accepted_rows: int
    rejected_rows: int
    census_hash: str | None
    columns: tuple[str, ...]
    warnings: tuple[str, ...]
    reasons: tuple[tuple[str, str, int], ...]
    rejects: pa.Table = field(repr=False)
    drift: tuple[Drift, ...] = ()

    def iter_rejects(self, limit: int | None = None) -> Iterator[Reject]:
        """Bad cells in the order of rows, the first `limit` or all."""
        rows = self.rejects if limit is None else self.rejects.slice(0, limit)
        for batch in rows.to_batches(max_chunksize=10_000):
            yield from (Reject(*cells) for cells in zip(*batch.to_pydict().values(), strict=True))

    def render(self, limit: int | None = SHOWN_REJECTS) -> str:
        """The report as text for a terminal, with the first `limit` bad cells (None: all)."""
        lines = [
            f"Census {self.source_path} as of {self.as_of}: {self.source_rows:,} rows,"
            f" {self.accepted_rows:,} accepted, {self.rejected_rows:,} rejected."
        ]
        lines += [f"  note: {warning}" for warning in self.warnings]
        if self.drift:
            lines.append("Drift against the previous census (Kolmogorov-Smirnov distance):")
            lines += [
                f"  {d.measure:<7} {d.statistic:.3f} (threshold {d.threshold:.2f},"
                f" p {d.p_value:.2g}) {'DRIFTED' if d.drifted else 'ok'}"
                for d in self.drift
            ]
        if self.rejects.num_rows:
            lines += self._render_rejects(limit)
        return "\n".join(lines)

    __str__ = render

    def _render_rejects(self, limit: int | None) -> list[str]:
        lines = ["Bad cells by reason:"]
        lines += [f"  {count:>9,}  {column}: {reason}" for column, reason, count in self.reasons]
        shown = list(self.iter_rejects(limit))
        lines.append(f"Bad cells (row = {self.row_label}):")
        lines += [
            f"  row {r.row_number}  {r.column_name}  {_quoted(r.value)}  {r.reason}" for r in shown
        ]
        hidden = self.rejects.num_rows - len(shown)
        if hidden:
            lines.append(
                f"  … and {hidden:,} {ALL_REJECTS}"
                f" planwise census validate {self.source_path}, or table inputs.census_rejects"
            )
        return lines


class CensusError(Exception):
    """A census that cannot be used. The message is ready for a person; `report` has the details
    when rows were read (None when the file itself could not be)."""

    def __init__(self, message: str, report: CensusReport | None = None) -> None:
        super().__init__(message)
        self.report = report


def _quoted(value: str | None) -> str:
    if value is None:
        return "(empty)"
    return repr(value if len(value) <= 60 else value[:57] + "…")
