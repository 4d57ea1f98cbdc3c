"""Has the population changed shape since the previous census? (two-sample Kolmogorov-Smirnov)"""

from collections.abc import Sequence
from datetime import date

import duckdb

from config.census import DRIFT_THRESHOLD
from orchestrator.census_report import Drift
from orchestrator.dbt_macros import completed_years

MEASURES: dict[str, str] = {
    "age": completed_years("employee_birth_date", "DATE '{as_of}'"),
    "tenure": completed_years("employee_hire_date", "DATE '{as_of}'"),
    "pay": "employee_gross_compensation::DOUBLE",
}


def measure_drift(
    connection: duckdb.DuckDBPyConnection, current: tuple[str, date], previous: tuple[str, date]
) -> tuple[Drift, ...]:
    """Compare age and tenure (completed years) and pay (annual rate) of the people employed at the
    date of each census, both given as (checked table, census date)."""
    return tuple(
        _compare(
            measure, _values(connection, measure, *previous), _values(connection, measure, *current)
        )
        for measure in MEASURES
    )


def _values(
    connection: duckdb.DuckDBPyConnection, measure: str, checked: str, as_of: date
) -> Sequence[float]:
    return connection.execute(f"""
        SELECT {MEASURES[measure].format(as_of=as_of)} AS measured
        FROM {checked}
        WHERE sound AND (employee_termination_date IS NULL
          OR employee_termination_date > DATE '{as_of}')
    """).fetchnumpy()["measured"]


def _compare(measure: str, previous: Sequence[float], current: Sequence[float]) -> Drift:
    from scipy.stats import ks_2samp  # half a second to import; most runs have no previous census

    if not len(previous) or not len(current):
        return Drift(measure, len(previous), len(current), 1.0, 0.0, DRIFT_THRESHOLD, True)
    # The asymptotic p-value divides by zero for a handful of people.
    few = len(previous) * len(current) <= 10_000
    result = ks_2samp(previous, current, method="exact" if few else "asymp")
    distance = float(result.statistic)
    return Drift(
        measure,
        len(previous),
        len(current),
        distance,
        float(result.pvalue),
        DRIFT_THRESHOLD,
        distance > DRIFT_THRESHOLD,
    )
