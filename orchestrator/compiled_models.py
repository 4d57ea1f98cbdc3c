"""The dbt models of a year as dbt compiled them, and how DuckDB builds one.

dbt spends more on a node than DuckDB on the median statement, and it is one invocation at a time.
The text of a model depends on the year and on whether it is the first one, and on nothing else, so
it is compiled once and executed here, with the effect of the materializations under `dbt/macros`.
`dbt run` gives the same rows, and is the one to compare contracts with queries.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb


@dataclass(frozen=True)
class CompiledModel:
    """One model of one year: a SELECT, the columns its contract declares, how rows are kept.

    `stage` is its folder (`staging`, `marts` …), `parents` the models that it reads, `is_genesis`
    true when it follows from the inputs alone.
    """

    name: str
    stage: str
    materialized: str
    is_genesis: bool
    parents: tuple[str, ...]
    declaration: str
    select: str

    @classmethod
    def of(cls, node: Mapping[str, Any], select: str) -> "CompiledModel":
        """A model from its node in dbt's manifest."""
        parents = (parent.split(".") for parent in node["depends_on"]["nodes"])
        return cls(
            node["name"],
            node["fqn"][1],
            node["config"]["materialized"],
            "genesis" in node["tags"],
            tuple(parts[-1] for parts in parents if parts[0] == "model"),
            _declaration(node["columns"].values()),
            select,
        )


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


def leading_to(models: Sequence[CompiledModel], names: Iterable[str]) -> set[str]:
    """The named models and all that they read, directly or not."""
    parents = {model.name: model.parents for model in models}
    found: set[str] = set()
    left = [name for name in names if name in parents]
    while left:
        name = left.pop()
        found.add(name)
        left += [parent for parent in parents[name] if parent in parents and parent not in found]
    return found


def _declaration(columns: Iterable[Mapping[str, Any]]) -> str:
    """The columns of a contract as DuckDB declares them."""

    def declared(column: Mapping[str, Any]) -> str:
        words = [column["name"], column["data_type"]]
        for constraint in column["constraints"]:
            required = constraint["type"] == "not_null"
            words.append("NOT NULL" if required else constraint["expression"])
        return " ".join(words)

    return f"({', '.join(map(declared, columns))})"
