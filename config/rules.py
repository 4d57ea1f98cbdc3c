"""Cross-field rules: how a broken one is reported, and the rules that bands and weights share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from pydantic import AfterValidator

Path = tuple[str | int, ...]


class Violation(NamedTuple):
    """One broken rule: `path` is relative to the section or list that states the rule."""

    path: Path
    message: str


class BrokenRules(ValueError):
    """All rules that one section or list breaks, so that a user sees every one at once."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("; ".join(violation.message for violation in violations))
        self.violations = tuple(violations)


def require(violations: Iterable[Violation]) -> None:
    """Raise `BrokenRules` when there is any violation."""
    if found := list(violations):
        raise BrokenRules(found)


def within(path: Path, violations: Iterable[Violation]) -> Iterator[Violation]:
    """The violations as seen from the section that holds `path`."""
    for violation in violations:
        yield Violation((*path, *violation.path), violation.message)


def rule(check: Callable[[Any], Iterable[Violation]]) -> AfterValidator:
    """A field's rule: `check` yields what is wrong with its value."""

    def checked(value: Any) -> Any:
        require(check(value))
        return value

    return AfterValidator(checked)


def contiguous(low: str, high: str) -> AfterValidator:
    """The rule `check_bands` for a list of bands."""
    return rule(lambda bands: check_bands(bands, low, high))


def weights(name: str) -> AfterValidator:
    """The rule that the elements' weights `name` are not all zero."""
    return rule(lambda elements: check_weights([getattr(item, name) for item in elements]))


def unique(name: str) -> AfterValidator:
    """The rule that no two elements share their `name`."""
    return rule(lambda elements: check_unique(name, [getattr(item, name) for item in elements]))


def check_bands(
    bands: Sequence[object], low: str, high: str, open_from: int | None = None
) -> Iterator[Violation]:
    """Bands are [low, high): the first starts at 0, each starts where the last ended, the last
    is open (null, or at least `open_from`, beyond which nobody lies).
    """
    expected: Decimal | int | None = 0
    low_name, high_name = low.rstrip("_"), high.rstrip("_")
    for index, band in enumerate(bands):
        start, end = getattr(band, low), getattr(band, high)
        last = index == len(bands) - 1
        if expected is not None and start != expected:
            kind = "gap" if start > expected else "overlap"
            why = f"{kind} after band {index - 1}" if index else "the first band starts at 0"
            yield Violation((index, low_name), f"must be {expected}: {why}")
        if end is not None and end <= start:
            yield Violation((index, high_name), f"must be above {low_name} ({start})")
        if not last and end is None:
            yield Violation((index, high_name), "only the last band may be open (null)")
        if last and end is not None and (open_from is None or end < open_from):
            yield Violation((index, high_name), "the last band must be open: write null as its end")
        expected = end


def check_weights(values: Sequence[Decimal]) -> Iterator[Violation]:
    """Weights decide proportions, so at least one must be above zero."""
    if not any(values):
        yield Violation((), "all weights are zero: at least one must be above 0")


def check_unique(key: str, values: Sequence[object]) -> Iterator[Violation]:
    """Each value may appear once."""
    for index, value in enumerate(values):
        first = values.index(value)
        if first < index:
            yield Violation((index, key), f"duplicates element {first}")
