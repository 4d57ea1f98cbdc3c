"""How the nodes of the dbt project appear in Dagster."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject

from orchestrator.partitions import PREVIOUS_YEAR

PREVIOUS_YEAR_SOURCE = "previous_year"


class SimulationTranslator(DagsterDbtTranslator):
    """Groups by model folder; the snapshot depends on itself one year back."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_asset_checks=True))

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        # The previous year is a partition of the same tables, not another table upstream.
        return spec.replace_attributes(
            deps=[dep for dep in spec.deps if dep.asset_key.path[0] != PREVIOUS_YEAR_SOURCE]
        )

    def get_partition_mapping(
        self, dbt_resource_props: Mapping[str, Any], dbt_parent_resource_props: Mapping[str, Any]
    ) -> dg.PartitionMapping | None:
        if dbt_resource_props["unique_id"] == dbt_parent_resource_props["unique_id"]:
            return PREVIOUS_YEAR
        return None

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return PurePath(dbt_resource_props["path"]).parts[0]

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return dbt_resource_props["description"]
