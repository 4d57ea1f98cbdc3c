"""Validation of many events at once: batches of JSON texts through the models, in worker processes.

A slice of a batch is validated as one JSON array by pydantic's core; only when that fails are its
lines looked at one by one. Slices are short, so that their objects stay in the processor's cache.
The garbage collector is paused during a batch: it would walk the events again and again and find
nothing. Batches are streamed: memory does not grow with the log.
"""

import gc
import os
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, islice
from multiprocessing import get_context
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from config.events import EVENT_LIST, SimulationEvent

# Two new interpreters take about a second to start: not worth it for fewer batches.
INLINE_BATCHES = 4
# About fifty events.
SLICE_BYTES = 25_000
EXAMPLES_PER_RULE = 5
VALUE_LENGTH = 120

# Position of the first event, and the events as JSON, one a line.
Batch = tuple[int, bytes]


@dataclass(frozen=True)
class Failure:
    """One broken rule of one event.

    `place` is the line or row of the file it came from (from 1; 0 for the published log);
    `field` is the dotted path, `rule` the short name, `message` what should hold.
    """

    rule: str
    message: str
    field: str = ""
    value: str = ""
    event_type: str = ""
    event_id: str = ""
    employee_id: str = ""
    place: int = 0

    @property
    def kind(self) -> tuple[str, str]:
        """What failures are counted by."""
        return self.event_type, self.rule

    def __str__(self) -> str:
        event = f"{self.event_type or 'event'} {self.event_id}".strip()
        person = f" of {self.employee_id}" if self.employee_id else ""
        fact = f"{self.field} = {self.value}: " if self.field else ""
        return f"{event}{person}: {fact}{self.message} [{self.rule}]"


@dataclass
class Failures:
    """All failures counted by (event type, rule), with a few examples of each."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: list[Failure] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def add(self, failure: Failure) -> None:
        """Count a failure; keep it as an example while its kind has few."""
        self.merge(Failures(Counter([failure.kind]), [failure]))

    def merge(self, other: "Failures") -> None:
        """Take over the failures of another part of the same log."""
        kept = Counter(example.kind for example in self.examples)
        for example in other.examples:
            if kept[example.kind] < EXAMPLES_PER_RULE:
                kept[example.kind] += 1
                self.examples.append(example)
        self.counts.update(other.counts)


def validate_batch(batch: Batch) -> tuple[int, Failures]:
    """Put one batch through the models; returns its number of events and its failures."""
    first, text = batch
    place, failures = first, Failures()
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for lines in _slices(text):
            events = _legal_events(lines)
            if not events:
                each = lines.split(b"\n")
                events = len(each)
                for number, line in enumerate(each, start=place):
                    for failure in validate_line(line, number):
                        failures.add(failure)
            place += events
    finally:
        if was_enabled:
            gc.enable()
    return place - first, failures


def _slices(text: bytes) -> Iterator[bytes]:
    """Whole lines, without the end of the last one."""
    text = text.removesuffix(b"\n")
    start = 0
    while start <= len(text):
        end = text.find(b"\n", start + SLICE_BYTES)
        end = len(text) if end < 0 else end
        yield text[start:end]
        start = end + 1


def _legal_events(lines: bytes) -> int:
    """The number of events when every line is a legal one, otherwise 0."""
    try:
        events = EVENT_LIST.validate_json(b"[" + lines.replace(b"\n", b",") + b"]")
    except ValidationError:
        return 0
    # Half an object a line, or two, are only valid together.
    whole = len(events) - 1 == lines.count(b"\n") == lines.count(b"}\n{")
    return len(events) if whole else 0


def validate_line(line: bytes, place: int) -> Iterator[Failure]:
    """Every broken rule of one event given as JSON."""
    try:
        SimulationEvent.model_validate_json(line)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False)
        if details[0]["type"] == "json_invalid":
            text = line.decode(errors="replace")
            yield Failure("json_invalid", details[0]["msg"], value=_short(text), place=place)
            return
        raw = from_json(line)
        for detail in details:
            yield _failure(detail, raw if isinstance(raw, dict) else {}, place)


def validate_batches(batches: Iterable[Batch]) -> tuple[int, Failures]:
    """Validate a stream of batches on all cores; returns the number of events and the failures."""
    stream = iter(batches)
    head = list(islice(stream, INLINE_BATCHES + 1))
    if len(head) <= INLINE_BATCHES:
        return _total(map(validate_batch, head))
    with ProcessPoolExecutor(_cores(), mp_context=get_context("spawn")) as pool:
        return _total(_results(pool, chain(head, stream)))


def _results(pool: ProcessPoolExecutor, batches: Iterable[Batch]) -> Iterator[tuple[int, Failures]]:
    """Results in order, with only a few batches under way at a time."""
    pending: deque[Future[tuple[int, Failures]]] = deque()
    for batch in batches:
        pending.append(pool.submit(validate_batch, batch))
        if len(pending) > 2 * _cores():
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()


def _total(results: Iterable[tuple[int, Failures]]) -> tuple[int, Failures]:
    events, failures = 0, Failures()
    for count, found in results:
        events += count
        failures.merge(found)
    return events, failures


def _cores() -> int:
    return os.cpu_count() or 1


def _failure(detail: ErrorDetails, raw: dict[str, Any], place: int) -> Failure:
    payload = raw.get("payload")
    event_type = str(payload.get("event_type", "")) if isinstance(payload, dict) else ""
    path = [str(part) for part in detail["loc"]]
    if path[:2] == ["payload", event_type]:
        del path[1]
    value = detail["input"]
    if detail["type"].startswith("union_tag"):
        path.append("event_type")
        value = event_type
    return Failure(
        rule=detail["type"],
        message=detail["msg"],
        field=".".join(path),
        value="absent" if detail["type"] == "missing" else _short(value),
        event_type=event_type,
        event_id=str(raw.get("event_id", "")),
        employee_id=str(raw.get("employee_id", "")),
        place=place,
    )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= VALUE_LENGTH else text[: VALUE_LENGTH - 1] + "…"
