"""Participation by income, simulated against published.

Simulates the default scenario with automatic and with voluntary enrollment, without publishing
anything, and prints both beside Vanguard, How America Saves 2025, with the distance in points:
    .venv/bin/python scripts/participation_report.py [EMPLOYEES] [YEARS]
The sample census has nobody in the lowest pay band, so its people are spread over all seven.
"""

import csv
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from pathlib import Path

import duckdb

from orchestrator.compiled_models import build, models_of_run
from orchestrator.database import DATABASE_NAME, open_database
from orchestrator.dbt_runner import DbtProject
from orchestrator.prepare import prepare_database
from orchestrator.request import RunRequest
from orchestrator.sample_census import generate

START_YEAR = 2025
SCENARIOS = {"automatic": "baseline", "voluntary": "voluntary_enrollment"}
EDGES = (0, 15_000, 30_000, 50_000, 75_000, 100_000, 150_000)
"""Lower ends of the seven pay bands, dollars a year."""
PAY = (12_000, 22_500, 40_000, 62_500, 87_500, 125_000, 190_000)
"""The pay that a census row is given, one of each band in turn."""
PUBLISHED = {
    "automatic": (80, 89, 91, 94, 95, 96, 98),
    "voluntary": (16, 26, 53, 72, 76, 80, 89),
}
"""Percent of eligible employees who participate, by pay band and way of enrollment."""


@dataclass(frozen=True)
class Cell:
    """Participation of the eligible people of one pay band, in percent."""

    enrollment: str
    band: str
    eligible: int
    published: int
    simulated: float | None

    @property
    def distance(self) -> float | None:
        """Simulated less published, in points; None where nobody is eligible."""
        return None if self.simulated is None else self.simulated - self.published

    @property
    def standard_error(self) -> float | None:
        """Sampling error of the cell if the published rate were the true one, in points."""
        if not self.eligible:
            return None
        return sqrt(self.published * (100 - self.published) / self.eligible)


def spread_census(source: Path, target: Path) -> None:
    """The people of a census in equal numbers in every pay band; levels follow from the pay."""
    with source.open(newline="") as file:
        people = list(csv.DictReader(file))
    for number, person in enumerate(people):
        person["employee_gross_compensation"] = PAY[number % len(PAY)]
        for column in ("level_id", "job_title", "prior_year_gross_pay"):
            del person[column]
    with target.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(people[0]))
        writer.writeheader()
        writer.writerows(people)


def cells(connection: duckdb.DuckDBPyConnection, enrollment: str, year: int) -> list[Cell]:
    """The seven cells of one simulation at the end of `year`."""
    counted = {
        edge: (eligible, participating)
        for edge, eligible, participating in connection.execute(
            """
            SELECT edges.edge, COUNT(*), COUNT(*) FILTER (WHERE is_participating)
            FROM fct_workforce_snapshot AS snapshot
            ASOF JOIN (SELECT UNNEST($edges) AS edge) AS edges
              ON snapshot.current_compensation >= edges.edge
            WHERE simulation_year = $year
              AND employment_status = 'active'
              AND plan_entry_date <= MAKE_DATE($year, 12, 31)
            GROUP BY edges.edge
            """,
            {"edges": list(EDGES), "year": year},
        ).fetchall()
    }
    found = []
    for index, edge in enumerate(EDGES):
        eligible, participating = counted.get(edge, (0, 0))
        simulated = 100 * participating / eligible if eligible else None
        published = PUBLISHED[enrollment][index]
        found.append(Cell(enrollment, _band(index), eligible, published, simulated))
    return found


def report(found: Sequence[Cell]) -> list[str]:
    """The cells as lines of text."""
    lines = ["enrollment  pay band      eligible  published  simulated  distance  sampling error"]
    for cell in found:
        numbers = [
            "       -" if number is None else f"{number:{sign}8.1f}"
            for number, sign in (
                (cell.simulated, ""),
                (cell.distance, "+"),
                (cell.standard_error, ""),
            )
        ]
        lines.append(
            f"{cell.enrollment:10}  {cell.band:12}  {cell.eligible:8d}  {cell.published:9d}  "
            f"{numbers[0]:>9}  {numbers[1]:>8}  {numbers[2]:>14}"
        )
    return lines


def _band(index: int) -> str:
    low = EDGES[index] // 1000
    if index + 1 == len(EDGES):
        return f"{low}k and more"
    return f"{low}k to {EDGES[index + 1] // 1000}k"


def _simulate(project: DbtProject, scenario: str, census: Path, last: int, target: Path) -> Path:
    database = target / DATABASE_NAME
    database.unlink(missing_ok=True)
    request = RunRequest(scenario=scenario, years=(START_YEAR, last), census=census)
    prepare_database(database, request, run_id="participation_report")
    with open_database(database) as connection:
        for year in range(START_YEAR, last + 1):
            is_first = year == START_YEAR
            models = project.models(database, year, is_first, threads=2)
            for model in models_of_run(models, is_first):
                build(connection, model, year)
    return database


def main(employees: int = 5000, years: int = 3) -> None:
    """Simulate both ways and print the report."""
    last = START_YEAR + years - 1
    project = DbtProject.parse()
    found: list[Cell] = []
    with tempfile.TemporaryDirectory() as directory:
        sample, census = Path(directory) / "sample.csv", Path(directory) / "census.csv"
        generate(employees, 42, sample, date(START_YEAR - 1, 12, 31))
        spread_census(sample, census)
        for enrollment, scenario in SCENARIOS.items():
            database = _simulate(project, scenario, census, last, Path(directory))
            with duckdb.connect(str(database), read_only=True) as connection:
                found += cells(connection, enrollment, last)
    print(f"{employees} employees, 31 December {last}; percent of eligible employees, points")
    print("\n".join(report(found)))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
