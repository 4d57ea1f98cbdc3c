"""Assembles the Dagster definitions, for the UI and for `planwise run` alike."""

from collections.abc import Iterable

import dagster as dg

from orchestrator.assets.simulation import input_specs, simulation_assets
from orchestrator.dbt_runner import DbtProject
from orchestrator.jobs.simulation import simulation_job
from orchestrator.progress import Progress, Silence


def build_definitions(
    other_scenarios: Iterable[str] = (), progress: Progress | None = None
) -> dg.Definitions:
    """All assets, checks and jobs.

    `other_scenarios` adds partitions for scenarios given by path; `progress` watches a run.
    """
    project = DbtProject.parse()
    assets = simulation_assets(project, other_scenarios)
    return dg.Definitions(
        assets=[assets, *input_specs(project)],
        jobs=[simulation_job(assets)],
        resources={"progress": progress or Silence()},
        # dbt works inside the run's process; a process per step would parse everything again.
        executor=dg.in_process_executor,
    )
