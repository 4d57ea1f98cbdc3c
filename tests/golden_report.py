"""The table of golden cases at the end of a test run: case, title, expected, got, pass."""

from collections.abc import Sequence

import pytest

PROPERTY = "golden_cases"

Row = tuple[str, str, str, str, bool]
"""case, title, expected, got, pass"""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the rows that the tests recorded, those of other worker processes included."""
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
    ]
    rows = sorted(
        row
        for report in reports
        for name, recorded in report.user_properties
        if name == PROPERTY
        for row in recorded
    )
    if rows:
        terminalreporter.section("golden cases through the pipeline")
        for line in table(rows):
            terminalreporter.write_line(line)


def table(rows: Sequence[Row]) -> list[str]:
    """The rows as aligned lines, with a line of totals."""
    shown = [("case", "title", "expected", "got", "pass")]
    shown += [(*row[:4], "yes" if row[4] else "NO") for row in rows]
    limits = (8, 32, 60, 60, 4)
    widths = [min(limit, max(len(cells[i]) for cells in shown)) for i, limit in enumerate(limits)]
    lines = [
        "  ".join(
            cell[:width].ljust(width) for cell, width in zip(cells, widths, strict=True)
        ).rstrip()
        for cells in shown
    ]
    passed = sum(row[4] for row in rows)
    return [*lines, f"{passed} of {len(rows)} pass"]
