"""Progress of a run in a terminal, or as plain lines in a pipe."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from orchestrator.preflight import RunPlan
from orchestrator.progress import (
    InputsLoaded,
    ModelBuilt,
    News,
    Published,
    StageStarted,
    YearDone,
)
from orchestrator.publishing import PublishedRun


class TerminalProgress:
    """Shows each stage, and a bar per year; remembers what the summary needs.

    A context manager: the bars end with it.
    """

    def __init__(self, plan: RunPlan) -> None:
        self.published: PublishedRun | None = None
        self.checks = 0
        self.tests = 0
        self._plan = plan
        self._console = Console(highlight=False, soft_wrap=True)
        self._bars: dict[int, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f} models"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )

    def __enter__(self) -> "TerminalProgress":
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def starting(self) -> None:
        """Say what will be simulated, before the slow part of the start-up."""
        plan = self._plan
        basis = f"continuing run {plan.continues.run_id}" if plan.continues else "from the census"
        self._console.print(
            f"Scenario {plan.scenario_id}, years {plan.first_year} to {plan.last_year}, {basis}"
        )

    def tell(self, news: News) -> None:
        match news:
            case StageStarted(year=int(year)):
                if self._console.is_terminal:
                    self._bars[year] = self._progress.add_task(f"  {year}", total=1, note="")
            case ModelBuilt():
                if self._console.is_terminal:
                    self._progress.update(
                        self._bars[news.year],
                        completed=news.index,
                        total=news.total,
                        note=news.name,
                    )
            case YearDone():
                self._year_done(news)
            case Published():
                self.published = news.run
                self.checks = news.checks
                self.tests = news.tests
            case StageStarted() | InputsLoaded():
                self._console.print(f"  {news}")

    def _year_done(self, news: YearDone) -> None:
        if self._console.is_terminal:
            bar = self._bars[news.year]
            self._progress.update(bar, note=f"{len(news.checks)} checks")
            self._progress.stop_task(bar)
        else:
            self._console.print(f"  {news}")
        for check in news.failed_checks:
            self._console.print(f"  {check.severity}: {check}")
