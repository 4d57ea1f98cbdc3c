"""Runs in this process, through Dagster, for tests that need several."""

from orchestrator.digest import digest_database
from orchestrator.launch import launch
from orchestrator.preflight import plan_run
from orchestrator.progress import News
from orchestrator.publishing import PublishedRun, published_database, published_run
from orchestrator.request import RunRequest


class Recorder:
    """Keeps the news of a run."""

    def __init__(self) -> None:
        self.news: list[News] = []

    def tell(self, news: News) -> None:
        self.news.append(news)


def run(request: RunRequest) -> PublishedRun:
    """Plan and launch as `planwise run` does; return what it published."""
    plan = plan_run(request)
    launch(request, plan, Recorder())
    return published_run(plan.scenario_id)


def digest(scenario_id: str = "baseline") -> dict[str, object]:
    """The digest of the published result."""
    return digest_database(published_database(scenario_id))
