"""The DuckDB file that a run works on, opened alike by the run itself and by dbt within it.

The file is attached to an instance in memory, because some of its properties can be given only
when it is attached. The instance is named after the file: whoever opens the same file in this
process shares it, and it stays open until the last of them has closed.
"""

from pathlib import Path

import duckdb

# dbt writes the catalog into each relation. Outside dbt a file's catalog is its stem, so work files
# carry this name to be readable with the same SQL.
CATALOG = "simulation"
DATABASE_NAME = f"{CATALOG}.duckdb"

# A thread takes whole row groups: of DuckDB's 122,880 rows, a company would be the work of one. And
# DuckDB defaults to the format of its oldest readers, whose text is larger and slower to write.
_FILE_OPTIONS = "ROW_GROUP_SIZE 16384, STORAGE_VERSION 'v1.3.0'"

# What a killed run leaves is thrown away, so a run's file need not be written twice.
_NO_LOG = ", RECOVERY_MODE 'no_wal_writes'"


def open_database(path: Path) -> duckdb.DuckDBPyConnection:
    """A writing connection to the file at `path`, which is made when absent.

    The file is whole after a checkpoint and not before; closing makes one, but says nothing when it
    fails.
    """
    connection = duckdb.connect(f":memory:{path}", config=instance_config(str(path)))
    attach(connection, str(path), options=_FILE_OPTIONS + _NO_LOG)
    return connection


def own_connection(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Another connection to the file of `connection`, for a thread or a transaction of its own."""
    own = connection.cursor()
    own.execute(f"USE {CATALOG}")
    return own


def write_out(connection: duckdb.DuckDBPyConnection) -> None:
    """Write the file whole, from any thread. Raises `duckdb.Error` when the disk is full."""
    with own_connection(connection) as own:
        own.execute(f"CHECKPOINT {CATALOG}")


def instance_config(path: str) -> dict[str, str]:
    """Configuration of the instance; the same for all who share it, or DuckDB refuses the later."""
    return {
        "temp_directory": f"{path}.tmp",
        # Row groups are written as they fill up; keeping some back takes memory and time.
        "write_buffer_row_group_count": "1",
        # The rest is written to its place once, when the file is closed.
        "checkpoint_threshold": "100GB",
        # Enough for 100,000 people, and beyond it DuckDB does as well with the disk: so large a run
        # takes no more of a machine than a small one.
        "memory_limit": "3GB",
    }


def attach(connection: duckdb.DuckDBPyConnection, path: str, options: str = _FILE_OPTIONS) -> None:
    """Attach the file unless the instance has it already, and make it the default catalog."""
    quoted = path.replace("'", "''")
    connection.execute(f"ATTACH IF NOT EXISTS '{quoted}' AS {CATALOG} ({options})")
    connection.execute(f"USE {CATALOG}")
