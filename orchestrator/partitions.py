"""Scenario by year: the partitions of every simulated table."""

import warnings
from collections.abc import Iterable

import dagster as dg

from config.loading import scenario_names
from config.schema import FIRST_SIMULATED_YEAR, LAST_YEAR


def scenario_year_partitions(other_scenarios: Iterable[str] = ()) -> dg.MultiPartitionsDefinition:
    """One partition per scenario in `config/scenarios/` (and `other_scenarios`) and year."""
    return dg.MultiPartitionsDefinition(
        {
            "scenario": dg.StaticPartitionsDefinition(
                sorted({*scenario_names(), *other_scenarios})
            ),
            "year": dg.TimeWindowPartitionsDefinition(
                start=str(FIRST_SIMULATED_YEAR),
                end=str(LAST_YEAR + 1),
                fmt="%Y",
                cron_schedule="0 0 1 1 *",
                # Future years are partitions too; Dagster shows only past ones by default.
                end_offset=LAST_YEAR - FIRST_SIMULATED_YEAR + 1,
            ),
        }
    )


def _previous_year() -> dg.MultiPartitionMapping:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        return dg.MultiPartitionMapping(
            {
                "scenario": dg.DimensionPartitionMapping("scenario", dg.IdentityPartitionMapping()),
                "year": dg.DimensionPartitionMapping(
                    "year",
                    dg.TimeWindowPartitionMapping(
                        start_offset=-1, end_offset=-1, allow_nonexistent_upstream_partitions=True
                    ),
                ),
            }
        )


PREVIOUS_YEAR = _previous_year()
"""A year of a scenario depends on the year before it in the same scenario."""


def partition_key(scenario: str, year: int) -> str:
    """The key of one partition, as Dagster writes it."""
    return f"{scenario}|{year}"


def scenario_of(key: str) -> str:
    """The scenario of a partition."""
    return key.rpartition("|")[0]


def year_of(key: str) -> int:
    """The year of a partition."""
    return int(key.rpartition("|")[2])
