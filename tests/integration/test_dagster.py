"""What Dagster shows: partitions, materializations with numbers, checks with numbers."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph

from orchestrator.definitions import build_definitions
from orchestrator.home import PROJECT_ROOT, dagster_home
from orchestrator.partitions import partition_key, scenario_year_partitions
from tests.conftest import planwise

SNAPSHOT = dg.AssetKey("fct_workforce_snapshot")


@pytest.fixture(scope="module")
def graph(small_home: Path) -> AssetGraph:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLANWISE_HOME", str(small_home))
        return build_definitions().resolve_asset_graph()


@pytest.fixture
def instance(small_home: Path, monkeypatch: pytest.MonkeyPatch) -> dg.DagsterInstance:
    monkeypatch.setenv("PLANWISE_HOME", str(small_home))
    with dg.DagsterInstance.from_config(str(dagster_home())) as instance:
        yield instance


def test_every_table_is_partitioned_by_scenario_and_year(graph: AssetGraph) -> None:
    for key in graph.materializable_asset_keys:
        partitions = graph.get(key).partitions_def
        assert partitions.has_partition_key(partition_key("baseline", 2015)), key
        assert partitions.has_partition_key(partition_key("baseline", 2063)), key


def test_the_snapshot_depends_on_itself_one_year_back(graph: AssetGraph) -> None:
    node = graph.get(SNAPSHOT)
    partitions = node.partitions_def
    upstream = graph.get_partition_mapping(
        SNAPSHOT, SNAPSHOT
    ).get_upstream_mapped_partitions_result_for_partitions(
        partitions.subset_with_partition_keys([partition_key("baseline", 2027)]),
        partitions,
        partitions,
    )
    keys = upstream.partitions_subset.get_partition_keys()
    assert list(keys) == [partition_key("baseline", 2026)]


def test_every_asset_is_described_and_grouped(graph: AssetGraph) -> None:
    for key in graph.materializable_asset_keys:
        assert graph.get(key).description, key
        assert graph.get(key).group_name in {"staging", "intermediate", "marts", "monitoring"}


def test_a_run_leaves_rows_and_seconds_on_each_year_of_a_table(
    instance: dg.DagsterInstance,
) -> None:
    records = instance.fetch_materializations(SNAPSHOT, limit=10).records
    rows = {
        record.partition_key: record.asset_materialization.metadata["dagster/row_count"].value
        for record in records
    }
    assert rows.keys() == {partition_key("baseline", year) for year in (2025, 2026, 2027)}
    # 300 people, 36 leave, 60 are hired: all 360 have a row in the first year.
    assert rows[partition_key("baseline", 2025)] == 360


def test_years_that_a_rerun_removed_are_no_longer_materialized(
    small_home: Path, small_census: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = partition_key("baseline_2", 2027)
    shutil.copytree(small_home, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("PLANWISE_HOME", str(tmp_path))
    with dg.DagsterInstance.from_config(str(dagster_home())) as instance:
        elsewhere = dg.AssetMaterialization(SNAPSHOT, partition=other)
        instance.report_runless_asset_event(elsewhere)
    done = planwise(tmp_path, "run", "--years", "2025:2026", "--census", str(small_census))
    assert done.returncode == 0, done.stderr
    kept = {partition_key("baseline", year) for year in (2025, 2026)}
    with dg.DagsterInstance.from_config(str(dagster_home())) as instance:
        assert instance.get_materialized_partitions(SNAPSHOT) == kept | {other}
        status = instance.get_status_by_partition(
            SNAPSHOT, [*kept, partition_key("baseline", 2027)], scenario_year_partitions()
        )
    assert {key for key, state in status.items() if state} == kept


def test_invariants_and_data_tests_are_asset_checks_with_numbers(
    instance: dg.DagsterInstance, graph: AssetGraph
) -> None:
    latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(
        list(graph.asset_check_keys)
    )
    assert latest.keys() == set(graph.asset_check_keys)
    for key, record in latest.items():
        evaluation = record.event.dagster_event.event_specific_data
        assert evaluation.passed or evaluation.severity == dg.AssetCheckSeverity.WARN, key
        assert "failing_rows" in evaluation.metadata, key


def test_a_range_runs_from_the_dagster_command_line(fresh_home: Path, small_census: Path) -> None:
    key = f"{partition_key('baseline', 2025)}...{partition_key('baseline', 2026)}"
    config = f'{{"ops": {{"simulation": {{"config": {{"census": "{small_census}"}}}}}}}}'
    command = [Path(sys.executable).with_name("dagster"), "asset", "materialize"]
    arguments = ["-m", "definitions", "--select", "*", "--partition-range", key]
    done = subprocess.run(
        [*command, *arguments, "--config-json", config],
        cwd=PROJECT_ROOT,
        env={**os.environ, "DAGSTER_HOME": str(dagster_home())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    from orchestrator.publishing import published_run

    assert published_run("baseline").years == (2025, 2026)
