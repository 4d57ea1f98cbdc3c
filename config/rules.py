"""Cross-field rules: how a broken one is reported, and the rules that bands and weights share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple


class Violation(NamedTuple):
    """One broken rule: `path` is relative to the section that states the rule."""

    path: tuple[str | int, ...]
    message: str


class BrokenRules(ValueError):
    """All rules that one section breaks, so that a user sees every one at once."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("; ".join(violation.message for violation in violations))
        self.violations = tuple(violations)


def require(violations: Iterator[Violation]) -> None:
    """Raise `BrokenRules` when there is any violation."""
    if found := list(violations):
        raise BrokenRules(found)


def check_bands(
    path: str, bands: Sequence[object], low: str, high: str, open_from: int | None = None
) -> Iterator[Violation]:
    """Bands are [low, high): the first starts at 0, each starts where the last ended, the last
    is open (null, or at least `open_from`, beyond which nobody lies).
    """
    expected: Decimal | int | None = 0
    for index, band in enumerate(bands):
        start, end = getattr(band, low), getattr(band, high)
        low_name, high_name = low.rstrip("_"), high.rstrip("_")
        last = index == len(bands) - 1
        if expected is not None and start != expected:
            kind = "gap" if start > expected else "overlap"
            reason = "the first band starts at 0" if index == 0 else f"{kind} after band {index - 1}"
            yield Violation((path, index, low_name), f"must be {expected}: {reason}")
        if end is not None and end <= start:
            yield Violation((path, index, high_name), f"must be above {low_name} ({start})")
        if not last and end is None:
            yield Violation((path, index, high_name), "only the last band may be open (null)")
        if last and end is not None and (open_from is None or end < open_from):
            yield Violation(
                (path, index, high_name), "the last band must be open: write null as its end"
            )
        expected = end


def check_weights(path: str, weights: Sequence[Decimal]) -> Iterator[Violation]:
    """Weights decide proportions, so at least one must be above zero."""
    if not any(weights):
        yield Violation((path,), "all weights are zero: at least one must be above 0")


def check_unique(path: str, key: str, values: Sequence[object]) -> Iterator[Violation]:
    """Each value may appear once."""
    seen: dict[object, int] = {}
    for index, value in enumerate(values):
        if value in seen:
            yield Violation((path, index, key), f"duplicates element {seen[value]}")
        else:
            seen[value] = index
