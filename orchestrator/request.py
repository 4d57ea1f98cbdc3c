"""What a person asks of a run, before anything is read."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunRequest:
    """One run of one scenario.

    `scenario` and `plan_design` are a name under `config/` or the path of a YAML file.
    `years` is (first, last), both simulated; None means the years of the settings.
    `census` None means the generated sample. `overrides` are `section.key=value` texts.
    """

    scenario: str = "baseline"
    plan_design: str | None = None
    years: tuple[int, int] | None = None
    census: Path | None = None
    previous_census: Path | None = None
    levers: Path | None = None
    seed: int | None = None
    overrides: tuple[str, ...] = ()
    threads: int | None = None
    allow_rejects: bool = False
