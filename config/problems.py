"""What is wrong with settings, said for a person: where, which key, which value, which rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches


@dataclass(frozen=True)
class Problem:
    """One thing to correct.

    `where` is a file, with its line when known, or the `--set` argument; `key` the dotted path of
    the setting, if it concerns one; `value` what was found; `rule` what is wrong and what to do.
    """

    where: str
    rule: str
    key: str = ""
    value: str = ""

    def __str__(self) -> str:
        subject = f"{self.key} = {self.value}" if self.value else self.key
        if self.where.startswith(f"--set {self.key}="):
            subject = ""  # the argument itself shows key and value
        return ": ".join(part for part in (self.where, subject, self.rule) if part)


class SettingsError(ValueError):
    """Settings, plan design or levers that cannot be used; the message lists every problem."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = "1 problem" if count == 1 else f"{count} problems"
        super().__init__(
            "\n".join([f"{head} in the settings:", *(f"  {p}" for p in self.problems)])
        )


def nearest(name: str, valid: Iterable[str]) -> str:
    """A sentence that names the nearest valid name and, where it helps, all of them."""
    names = list(valid)
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    suggestion = f"did you mean {close[0]}?" if close else ""
    if close and len(names) > 10:
        return suggestion
    return f"{suggestion} valid: {', '.join(names)}".strip()


def shown(value: object) -> str:
    """`value` as it would be written in YAML, shortened."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else str(value)
    if isinstance(value, dict):
        text = "{" + ", ".join(f"{key}: {shown(item)}" for key, item in value.items()) + "}"
    elif isinstance(value, list | tuple):
        text = "[" + ", ".join(shown(item) for item in value) + "]"
    else:
        text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."
