"""The job that simulates a range of years of one scenario."""

import dagster as dg


def simulation_job(assets: dg.AssetsDefinition):
    """A job over all tables of the simulation; partitions come from the assets."""
    return dg.define_asset_job(
        "simulation_job",
        selection=dg.AssetSelection.assets(assets),
        description="Simulate consecutive years of one scenario and publish the result.",
    )
