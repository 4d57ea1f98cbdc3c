"""How the nodes of the dbt project appear in Dagster."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject

from orchestrator.dbt_runner import PREVIOUS_YEAR_SOURCE
from orchestrator.partitions import PREVIOUS_YEAR


class SimulationTranslator(DagsterDbtTranslator):
    """Groups by model folder; tables that are their own input depend on themselves a year back.

    dbt declares the previous year as tables of a source, because its graph of one year must have
    no cycle. In Dagster they are an earlier partition of the same assets.
    """

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_asset_checks=True))

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        deps = [dep for dep in spec.deps if dep.asset_key.path[0] != PREVIOUS_YEAR_SOURCE]
        if _is_read_a_year_later(manifest, unique_id):
            deps.append(dg.AssetDep(spec.key, partition_mapping=PREVIOUS_YEAR))
        return spec.replace_attributes(deps=deps)

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        if dbt_resource_props["resource_type"] == "source":
            return dbt_resource_props["source_name"]
        return PurePath(dbt_resource_props["path"]).parts[0]

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return dbt_resource_props["description"]


def _is_read_a_year_later(manifest: Mapping[str, Any], unique_id: str) -> bool:
    node = manifest["nodes"].get(unique_id)
    return node is not None and any(
        source["source_name"] == PREVIOUS_YEAR_SOURCE and source["name"] == node["name"]
        for source in manifest["sources"].values()
    )
