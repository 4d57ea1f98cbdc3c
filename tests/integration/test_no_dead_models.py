"""No dead models: what a run computes reaches a published table, and every part is used."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestrator.home import DBT_PROJECT
from tests.simulation_lab import CompiledProject

PUBLISHED = re.compile(r"(fct_|mon_)\w+|stg_census_rejects")
EVENT_COLUMNS = (
    *("employee_id", "event_type", "event_category", "effective_date", "previous_compensation"),
    *("amount", "rate", "source", "reason", "event_probability", "parameter_scenario_id"),
    *("parameter_source", "source_system"),
)
"""Columns of the log that its branches give; the writer adds context, order and text."""

Nodes = dict[str, Mapping[str, Any]]


@pytest.fixture(scope="module")
def manifest(compiled_project: CompiledProject) -> Mapping[str, Any]:
    return compiled_project.manifest()


@pytest.fixture(scope="module")
def models(manifest: Mapping[str, Any]) -> Nodes:
    """Models that a run builds, by unique id."""
    return {
        name: node
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and "debug" not in node["tags"]
    }


def test_every_model_feeds_a_published_table(models: Nodes) -> None:
    read = {parent for node in models.values() for parent in node["depends_on"]["nodes"]}
    dead = [
        node["name"]
        for name, node in models.items()
        if name not in read and not PUBLISHED.fullmatch(node["name"])
    ]
    assert dead == []


def test_no_run_depends_on_a_debug_view(manifest: Mapping[str, Any], models: Nodes) -> None:
    parents = {parent for node in models.values() for parent in node["depends_on"]["nodes"]}
    assert {
        name for name in parents if "debug" in manifest["nodes"].get(name, {}).get("tags", ())
    } == set()


def test_every_source_table_is_read(manifest: Mapping[str, Any], models: Nodes) -> None:
    read = {parent for node in models.values() for parent in node["depends_on"]["nodes"]}
    assert sorted(set(manifest["sources"]) - read) == []


def test_no_model_reads_a_table_that_the_graph_does_not_know(
    compiled_project: CompiledProject, manifest: Mapping[str, Any]
) -> None:
    names: dict[tuple[str, str], set[str]] = {}
    for name, node in (*manifest["nodes"].items(), *manifest["sources"].items()):
        names.setdefault((node["schema"], node["name"]), set()).add(name)
    hidden = {}
    for is_first in (True, False):
        for model in compiled_project.models(2026, is_first):
            read = set(re.findall(r'"simulation"\."(\w+)"\."(\w+)"', model.select))
            declared = set(manifest["nodes"][f"model.planwise.{model.name}"]["depends_on"]["nodes"])
            tables = {table for table in read if not declared & names[table]}
            if tables:
                hidden[model.name, is_first] = sorted(tables)
    assert hidden == {}


def test_every_macro_is_used(manifest: Mapping[str, Any]) -> None:
    ours = {
        name: macro
        for name, macro in manifest["macros"].items()
        if macro["package_name"] == "planwise"
    }
    callers = [*manifest["nodes"].values(), *ours.values()]
    used = {name for caller in callers for name in caller["depends_on"]["macros"]}
    materializations = {
        f"macro.planwise.materialization_{node['config']['materialized']}_duckdb"
        for node in manifest["nodes"].values()
    }
    assert sorted(set(ours) - used - materializations) == []


def test_debug_views_show_exactly_the_events_of_the_log(
    small_run_db: Path, compiled_project: CompiledProject, lives_home: Path, tmp_path: Path
) -> None:
    # A view must be readable in a file of any name, as PLANWISE_DB may give it.
    database = tmp_path / "mine.duckdb"
    shutil.copyfile(small_run_db, database)
    compiled_project.parsed().run_models(database, 2027, ["tag:debug"])
    branches = sorted(path.stem for path in (DBT_PROJECT / "models" / "debug").glob("events_*.sql"))
    columns = ", ".join(EVENT_COLUMNS)
    union = " UNION ALL BY NAME ".join(f"FROM main.{branch}" for branch in branches)
    views = f"SELECT {columns} FROM ({union})"
    log = f"SELECT {columns} FROM main.fct_yearly_events WHERE simulation_year = 2027"
    with duckdb.connect(str(database), read_only=True) as connection:
        for some, others in ((views, log), (log, views)):
            missing = connection.execute(f"({some}) EXCEPT ALL ({others}) LIMIT 3").fetchall()
            assert missing == []
        [(drawn, people)] = connection.execute(
            "SELECT COUNT(DISTINCT employee_id), (SELECT COUNT(*) FROM int_person_year) FROM draws"
        ).fetchall()
        assert drawn == people > 0
