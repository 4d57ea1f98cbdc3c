"""What a plan design promises, before any run: match by deferral rate, vesting by service.

The match comes from the engine's own macros and from the tables that a run of the design reads.
"""

import duckdb
import pandas as pd

from config.loading import SimulationInputs
from config.tables import INTEGER, OPEN_END, write_inputs
from orchestrator.dbt_macros import render

SHOWN_PAY = 100_000
HIGHEST_DEFERRAL = 0.15

MATCH = """
WITH points AS (
  SELECT CAST(step / 400 AS DECIMAL(9, 6)) AS deferral_rate
  FROM RANGE(0, CAST($highest * 400 AS BIGINT) + 1) AS steps(step)
),
bands AS (
  SELECT DISTINCT band_from, band_to
  FROM inputs.match_tiers
)
SELECT
  band_from,
  NULLIF(band_to, {open_end}) AS band_to,
  CAST(deferral_rate AS DOUBLE) AS deferral_rate,
  CAST({match_amount} / {pay} AS DOUBLE) AS match_share
FROM points
CROSS JOIN bands
INNER JOIN ({match_bands}) AS tiers_by_value ON bands.band_from = tiers_by_value.band_value
ORDER BY band_from, deferral_rate
"""

VESTING = """
SELECT
  source,
  service_years,
  CAST(vested_share AS DOUBLE) AS vested_share
FROM inputs.vesting_schedules
ORDER BY source, service_years
"""


def match_by_deferral(inputs: SimulationInputs) -> pd.DataFrame:
    """Match as a share of pay by deferral rate, for each band of service or points; `band_to` of an
    open band is missing."""
    sql = MATCH.format(
        match_amount=render(
            f"match_amount('deferral_rate * {SHOWN_PAY}', '{SHOWN_PAY}', 'tiers')", "money", "match"
        ),
        match_bands=render("match_bands()", "match", source="{}.{}".format),
        pay=SHOWN_PAY,
        open_end=OPEN_END[INTEGER],
    )
    return _ask(inputs, sql, highest=HIGHEST_DEFERRAL)


def vesting_by_service(inputs: SimulationInputs) -> pd.DataFrame:
    """Vested share by completed years of service, for each source of employer money."""
    return _ask(inputs, VESTING)


def _ask(inputs: SimulationInputs, sql: str, **parameters: float) -> pd.DataFrame:
    with duckdb.connect() as connection:
        write_inputs(connection, inputs)
        return connection.execute(sql, parameters or None).df()
