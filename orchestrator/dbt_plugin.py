"""dbt-duckdb plugin: a database opened by hand receives its inputs before the first model.

`dbt run --vars '{simulation_year: 2025}'` on a fresh file thus needs no other preparation. The
scenario is `PLANWISE_SCENARIO` (default baseline), the census `PLANWISE_CENSUS` (default the
generated sample). A file that already has inputs, such as a copy of a published one, is left as
it is.
"""

import os
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError
from duckdb import DuckDBPyConnection

from config.loading import SettingsError
from orchestrator.census import CensusError
from orchestrator.database import CATALOG, attach, instance_config
from orchestrator.prepare import write_all_inputs
from orchestrator.request import RunRequest


class Plugin(BasePlugin):
    """Registered under `plugins` in `dbt/profiles.yml`."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        config.update(instance_config(creds.attach[0].path))

    def configure_cursor(self, cursor: DuckDBPyConnection) -> None:
        cursor.execute(f"USE {CATALOG}")

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        attach(conn, self.creds.attach[0].path)
        prepared = conn.execute(
            "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'inputs' AND table_name = 'run'"
        ).fetchone()
        if prepared:
            return
        census = os.environ.get("PLANWISE_CENSUS")
        request = RunRequest(
            scenario=os.environ.get("PLANWISE_SCENARIO", "baseline"),
            census=Path(census) if census else None,
        )
        try:
            write_all_inputs(conn, request, run_id="by-hand")
        except (SettingsError, CensusError) as error:
            raise DbtRuntimeError(str(error)) from error
