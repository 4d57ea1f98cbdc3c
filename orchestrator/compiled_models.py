"""The models and tests of dbt as dbt compiled them, and how DuckDB executes one.

dbt spends more on a node than DuckDB on the median statement, and it is one invocation at a time.
The text of a model depends on the year and on whether it is the first one, and on nothing else, so
it is compiled once and executed here, with the effect of the materializations under `dbt/macros`.
`dbt run` gives the same rows, and is the one to compare contracts with queries.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb


@dataclass(frozen=True)
class CompiledModel:
    """One model of one year: a SELECT, the columns its contract declares, how rows are kept.

    `stage` is its folder (`staging`, `marts` …), `ancestors` the models that it reads, directly or
    not, `is_genesis` true when it follows from the inputs alone.
    """

    name: str
    stage: str
    materialized: str
    is_genesis: bool
    ancestors: Sequence[str]
    declaration: str
    select: str


def compiled_models(
    selects: Iterable[tuple[Mapping[str, Any], str]],
) -> Sequence[CompiledModel]:
    """The models of dbt's nodes, each with its SELECT; a node comes after those that it reads."""
    ancestors: dict[str, set[str]] = {}
    models = []
    for node, select in selects:
        parents = ancestors.keys() & node["depends_on"]["nodes"]
        ancestors[node["unique_id"]] = parents.union(*(ancestors[parent] for parent in parents))
        models.append(
            CompiledModel(
                node["name"],
                node["fqn"][1],
                node["config"]["materialized"],
                "genesis" in node["tags"],
                sorted(name.split(".")[-1] for name in ancestors[node["unique_id"]]),
                _declaration(node["columns"].values()),
                select,
            )
        )
    return models


def models_of_run(models: Sequence[CompiledModel], is_first: bool) -> Sequence[CompiledModel]:
    """What a run builds of a year: what follows from the inputs alone in its first year only."""
    return [model for model in models if is_first or not model.is_genesis]


def build(connection: duckdb.DuckDBPyConnection, model: CompiledModel, year: int) -> None:
    """Build a model: a yearly table replaces the year and drops later ones. Raises `duckdb.Error`.

    The table may be half done after an error, unless the caller rolls back.
    """
    table = f"main.{model.name}"
    if model.materialized == "unbound_view":
        connection.execute(f"CREATE OR REPLACE VIEW {table} AS {model.select}")
        return
    is_yearly = model.materialized == "yearly"
    declare = "CREATE TABLE IF NOT EXISTS" if is_yearly else "CREATE OR REPLACE TABLE"
    connection.execute(f"{declare} {table} {model.declaration}")
    if is_yearly:
        connection.execute(f"DELETE FROM {table} WHERE simulation_year >= {year}")
    connection.execute(f"INSERT INTO {table} BY NAME {model.select}")


@dataclass(frozen=True)
class DataTest:
    """A test of dbt over the whole file: `select` gives the rows that fail it."""

    unique_id: str
    name: str
    blocks: bool
    select: str


@dataclass(frozen=True)
class DataTestResult:
    """How many rows failed a test; it took wall `seconds`."""

    test: DataTest
    failing_rows: int
    seconds: float

    @property
    def passed(self) -> bool:
        return self.failing_rows == 0

    @property
    def blocks(self) -> bool:
        return self.test.blocks and not self.passed

    def __str__(self) -> str:
        return f"{self.test.name}: {self.failing_rows:,} rows fail"


def run_data_test(connection: duckdb.DuckDBPyConnection, test: DataTest) -> DataTestResult:
    """Count the rows that fail a test. Raises `duckdb.Error`."""
    started = time.monotonic()
    row = connection.execute(f"SELECT COUNT(*) FROM ({test.select})").fetchone()
    assert row is not None
    return DataTestResult(test, row[0], time.monotonic() - started)


def _declaration(columns: Iterable[Mapping[str, Any]]) -> str:
    """The columns of a contract as DuckDB declares them."""

    def declared(column: Mapping[str, Any]) -> str:
        words = [column["name"], column["data_type"]]
        for constraint in column["constraints"]:
            required = constraint["type"] == "not_null"
            words.append("NOT NULL" if required else constraint["expression"])
        return " ".join(words)

    return f"({', '.join(map(declared, columns))})"
