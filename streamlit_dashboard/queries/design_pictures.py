"""What a plan design promises, before any run: match by deferral rate, vesting by service.

The match comes from the engine's own formula, the macro `match_amount`, and from the tables that a
run of the design would read.
"""

import duckdb
import pandas as pd
from jinja2 import Environment

from config.loading import SimulationInputs
from config.tables import write_inputs
from orchestrator import home

SHOWN_PAY = 100_000
HIGHEST_DEFERRAL = 0.15

MATCH = """
WITH points AS (
  SELECT CAST(step / 400 AS DECIMAL(9, 6)) AS deferral_rate
  FROM RANGE(0, CAST($highest * 400 AS BIGINT) + 1) AS steps(step)
),
bands AS (
  SELECT
    band_from,
    band_to,
    LIST(STRUCT_PACK(
      rate := CAST(rate * 1000000 AS BIGINT),
      from_rate := CAST(from_rate * 1000000 AS BIGINT),
      up_to := CAST(up_to * 1000000 AS BIGINT)
    ) ORDER BY tier) AS tiers
  FROM inputs.match_tiers
  GROUP BY band_from, band_to
)
SELECT
  band_from,
  band_to,
  CAST(deferral_rate AS DOUBLE) AS deferral_rate,
  CAST({match_amount} / {pay} AS DOUBLE) AS match_share
FROM points
CROSS JOIN bands
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
    """Match as a share of pay by deferral rate, for each band of service or points."""
    sql = MATCH.format(
        match_amount=_engine_formula(f"deferral_rate * {SHOWN_PAY}", str(SHOWN_PAY), "tiers"),
        pay=SHOWN_PAY,
    )
    return _ask(inputs, sql, highest=HIGHEST_DEFERRAL)


def vesting_by_service(inputs: SimulationInputs) -> pd.DataFrame:
    """Vested share by completed years of service, for each source of employer money."""
    return _ask(inputs, VESTING)


def _engine_formula(deferrals: str, pay: str, tiers: str) -> str:
    macros = home.DBT_PROJECT / "macros"
    source = "".join((macros / f"{name}.sql").read_text() for name in ("money", "match"))
    call = f"{{{{ match_amount('{deferrals}', '{pay}', '{tiers}') }}}}"
    return Environment().from_string(source + call).render().strip()


def _ask(inputs: SimulationInputs, sql: str, **parameters: float) -> pd.DataFrame:
    with duckdb.connect() as connection:
        write_inputs(connection, inputs)
        return connection.execute(sql, parameters or None).df()
