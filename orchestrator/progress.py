"""What a run tells those who watch it: one message type per kind of news."""

from dataclasses import dataclass
from typing import Protocol

from orchestrator.census_report import CensusReport
from orchestrator.performance import ModelRun
from orchestrator.publishing import PublishedRun
from orchestrator.quality import QualityResult


@dataclass(frozen=True)
class StageStarted:
    """A stage began; `year` is None for stages that concern the whole run."""

    stage: str
    year: int | None = None

    def __str__(self) -> str:
        return f"{self.year}: {self.stage}" if self.year else self.stage


@dataclass(frozen=True)
class InputsLoaded:
    """Settings and census are in the database; `warnings` are findings about the settings."""

    census: CensusReport
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([*(f"Settings: {w}" for w in self.warnings), self.census.render()])


@dataclass(frozen=True)
class ModelBuilt:
    """A model of a year is built; `index` of `total` in that year."""

    year: int
    name: str
    index: int
    total: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.year}: {self.name} ({self.index}/{self.total}) in {self.seconds:.2f} s"


@dataclass(frozen=True)
class YearDone:
    """The models of a year are built and its checks evaluated."""

    year: int
    models: tuple[ModelRun, ...]
    checks: tuple[QualityResult, ...]

    @property
    def failed_checks(self) -> list[QualityResult]:
        return [check for check in self.checks if not check.passed]

    def __str__(self) -> str:
        passed = len(self.checks) - len(self.failed_checks)
        seconds = sum(model.seconds for model in self.models)
        return (
            f"{self.year}: {len(self.models)} models in {seconds:.2f} s, "
            f"{passed} of {len(self.checks)} checks passed"
        )

    def details(self) -> str:
        """The year model by model, and the failed checks."""
        models = [
            f"  {model.model_name}: {model.rows:,} rows in {model.seconds:.2f} s"
            for model in self.models
        ]
        return "\n".join([str(self), *models, *map(str, self.failed_checks)])


@dataclass(frozen=True)
class Published:
    """The result is visible to readers; so many checks and data tests passed before."""

    run: PublishedRun
    checks: int
    tests: int

    def __str__(self) -> str:
        passed = f"{self.checks} checks and {self.tests} data tests passed"
        return f"{passed}; published {self.run.database}"


News = StageStarted | InputsLoaded | ModelBuilt | YearDone | Published


class Progress(Protocol):
    """Receives the news of a run while it works."""

    def tell(self, news: News) -> None: ...


class Silence:
    """Nobody watches."""

    def tell(self, news: News) -> None:
        pass
