"""Writes a sample census: the people of a plausible US employer, for a first run and for tests.

Random numbers come from numpy's PCG64 because this is input data; the simulation itself draws only
by its keyed macro. Tenure follows BLS Employee Tenure (January 2024): 22% with at most twelve
months, median about four years.
"""

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from config.loading import load_simulation
from config.schema import JobLevel

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Integers = np.ndarray[tuple[int], np.dtype[np.int64]]

DAYS_IN_A_YEAR = 365.25
TENURE_SHARES = (0.0, 0.22, 0.35, 0.50, 0.65, 0.80, 0.90, 0.95, 0.99, 1.0)
TENURE_YEARS = (0.0, 1.0, 2.2, 4.0, 6.8, 11.0, 15.5, 20.0, 31.0, 40.0)
YOUNGEST, OLDEST, OLDEST_HIRE = 20.0, 70.0, 65.0
YOUNGEST_HIRE = 18.0
LEVEL_DECAY = 0.52
"""People in a level as a share of those in the level below."""

FULL_TIME_HOURS = 40
PART_TIME_HOURS = (20, 24, 25, 28, 30)
PART_TIME_SHARE = 0.08
OWNED_SHARES = (0.12, 0.07, 0.03, 0.015, 0.005)
OFFICER_SHARE = 0.01
PLAN_RETURN, PAST_PAY_GROWTH = 0.06, 0.03
MEAN_DEFERRAL, MEAN_MATCH = 0.07, 0.03
MAXIMUM_DEFERRAL, MAXIMUM_MATCH = 18_000.0, 9_000.0
"""Dollars a year, about the average of the limits in the years that the balances cover."""

DEPARTMENTS = (
    ("Operations", 0.30),
    ("Sales", 0.16),
    ("Customer Service", 0.14),
    ("Engineering", 0.14),
    ("Information Technology", 0.08),
    ("Finance", 0.07),
    ("Marketing", 0.07),
    ("Human Resources", 0.04),
)
TITLES = ("{} Associate", "{} Specialist", "{} Manager", "{} Director", "{} Vice President")


def generate(
    employees: int,
    seed: int,
    output: Path,
    as_of: date,
    levels: Sequence[JobLevel] | None = None,
) -> None:
    """Write `employees` people employed at `as_of` to `output` (.csv or .parquet).

    The same arguments give the same bytes. An existing file is replaced in one step, so a reader
    never sees half a census. `levels` are in ascending order; None: those of the baseline. There
    are no social security numbers (a keyed token would differ from home to home) and no elections
    (the simulation draws them). Raises ValueError for fewer than one employee or another suffix.
    """
    if employees < 1:
        raise ValueError(f"a census needs at least one employee, not {employees}")
    if levels is None:
        levels = load_simulation().settings.compensation.job_levels
    formats = {".csv": "FORMAT csv, HEADER", ".parquet": "FORMAT parquet"}
    if output.suffix.lower() not in formats:
        raise ValueError(f"{output.name}: a census is written as .csv or .parquet")
    people = _people(np.random.default_rng(seed), employees, as_of, levels)
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(f".{output.name}.{os.getpid()}.partial")
    try:
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.register("people", people)
            quoted = str(partial).replace("'", "''")
            connection.execute(
                f"COPY ({_TYPED_ROWS}) TO '{quoted}' ({formats[output.suffix.lower()]})"
            )
        partial.replace(output)
    finally:
        partial.unlink(missing_ok=True)


_TYPED_ROWS = """
  SELECT
    format('EMP_{:07d}', number) AS employee_id,
    employee_birth_date,
    employee_hire_date,
    employee_gross_compensation::DECIMAL(18,2) AS employee_gross_compensation,
    level_id,
    job_title,
    department,
    scheduled_hours_per_week,
    prior_year_gross_pay::DECIMAL(18,2) AS prior_year_gross_pay,
    ownership_pct::DECIMAL(9,6) AS ownership_pct,
    is_officer,
    account_balance_employee::DECIMAL(18,2) AS account_balance_employee,
    account_balance_employer::DECIMAL(18,2) AS account_balance_employer
  FROM people
  ORDER BY number
"""


def _people(
    rng: np.random.Generator, employees: int, as_of: date, levels: Sequence[JobLevel]
) -> pa.Table:
    tenure = np.interp(rng.random(employees), TENURE_SHARES, TENURE_YEARS)
    age = tenure + _age_at_hire(rng, tenure)
    rank = _level_ranks(rng, age, tenure, len(levels))
    hours = _weekly_hours(rng, rank)
    rate = _annual_rates(rng, tenure, rank, hours, levels)
    hired = np.datetime64(as_of) - np.floor(tenure * DAYS_IN_A_YEAR).astype("timedelta64[D]")
    born = np.datetime64(as_of) - np.floor(age * DAYS_IN_A_YEAR).astype("timedelta64[D]")
    employee_balance, employer_balance = _balances(rng, tenure, rate)
    department, title = _jobs(rng, rank)
    by_rate = np.argsort(-rate, kind="stable")
    return pa.table(
        {
            "number": np.arange(1, employees + 1),
            "employee_birth_date": born,
            "employee_hire_date": hired,
            "employee_gross_compensation": rate,
            "level_id": np.array([level.level_id for level in levels], dtype=np.int32)[rank],
            "job_title": title,
            "department": department,
            "scheduled_hours_per_week": hours,
            "prior_year_gross_pay": _pay_of_the_year(rng, hired, as_of, rate, rank),
            "ownership_pct": _ownership(rng, by_rate),
            "is_officer": np.isin(
                np.arange(employees), by_rate[: int(np.ceil(employees * OFFICER_SHARE))]
            ),
            "account_balance_employee": employee_balance,
            "account_balance_employer": employer_balance,
        }
    )


def _age_at_hire(rng: np.random.Generator, tenure: Floats) -> Floats:
    """Skewed to the young, and such that nobody is older than OLDEST today."""
    low = np.maximum(YOUNGEST_HIRE, YOUNGEST - tenure)
    high = np.minimum(OLDEST_HIRE, OLDEST - tenure)
    return low + rng.beta(1.5, 2.5, tenure.size) * (high - low)


def _level_ranks(rng: np.random.Generator, age: Floats, tenure: Floats, levels: int) -> Integers:
    """0 for the lowest level. Age and tenure raise the chance of a higher one."""
    seniority = (
        0.40 * _standardized(np.minimum(age, 50.0))
        + 0.25 * _standardized(np.minimum(tenure, 15.0))
        + 0.85 * rng.standard_normal(age.size)
    )
    order = np.argsort(np.argsort(seniority, kind="stable"), kind="stable")
    shares = LEVEL_DECAY ** np.arange(levels)
    bounds = np.cumsum(shares / shares.sum())[:-1] * age.size
    return np.searchsorted(bounds, order, side="right")


def _weekly_hours(rng: np.random.Generator, rank: Integers) -> Integers:
    """Part-time work is for the two lowest levels."""
    part_time = (rng.random(rank.size) < PART_TIME_SHARE / 0.7) & (rank < 2)
    return np.where(part_time, rng.choice(PART_TIME_HOURS, rank.size), FULL_TIME_HOURS)


def _annual_rates(
    rng: np.random.Generator,
    tenure: Floats,
    rank: Integers,
    hours: Integers,
    levels: Sequence[JobLevel],
) -> Floats:
    """Inside the level's range for full-time work, in steps of ten dollars; part-time pro rata."""
    minimum = np.array([level.minimum_compensation for level in levels], dtype=np.float64)[rank]
    maximum = np.array([level.maximum_compensation for level in levels], dtype=np.float64)[rank]
    place = 0.38 + 0.015 * np.minimum(tenure, 20.0) + 0.17 * rng.standard_normal(rank.size)
    place = np.clip(place, 0.0, 1.0)
    # The top range is wide and few people reach its upper end.
    place = np.where(rank == len(levels) - 1, place**2, place)
    full_time = np.round(minimum + place * (maximum - minimum), -1)
    return np.round(full_time * hours / FULL_TIME_HOURS, 2)


def _pay_of_the_year(
    rng: np.random.Generator,
    hired: np.ndarray,
    as_of: date,
    rate: Floats,
    rank: Integers,
) -> Floats:
    """Paid in the twelve months up to `as_of`: part of a year for those hired in it, a little less
    than today's rate before the last raise, plus overtime (low levels) or bonus (high levels)."""
    days = (np.datetime64(as_of) - hired) / np.timedelta64(1, "D") + 1
    share = np.clip(days / 365, 0.0, 1.0)
    raised = np.where(share < 1.0, 1.0, rng.uniform(0.97, 1.0, rate.size))
    extra = rng.exponential(np.where(rank < 2, 0.03, 0.02 + 0.02 * rank), rate.size)
    return np.round(rate * share * raised * (1.0 + np.minimum(extra, 0.5)), 2)


def _ownership(rng: np.random.Generator, by_rate: Integers) -> Floats:
    """A few owners among the best paid; the first two hold more than 5% (IRC 416(i)(1)(B))."""
    owned = np.zeros(by_rate.size)
    best_paid = by_rate[: max(10, by_rate.size // 100)]
    owners = rng.permutation(best_paid)[: len(OWNED_SHARES)]
    owned[owners] = OWNED_SHARES[: owners.size]
    return owned


def _balances(rng: np.random.Generator, tenure: Floats, rate: Floats) -> tuple[Floats, Floats]:
    """Employee and employer money: contributions of past years at past pay, with returns, for those
    who take part (more of the well paid and long tenured)."""
    chance = np.clip(0.55 + 0.02 * tenure + 0.15 * (rate > 60_000), 0.0, 0.96)
    takes_part = (rng.random(tenure.size) < chance) & (tenure > 0.1)
    years_of_growth = ((1 + PLAN_RETURN) ** tenure - 1) / PLAN_RETURN
    past_pay = rate * (1 + PAST_PAY_GROWTH) ** (-tenure / 2)
    deferral = past_pay * MEAN_DEFERRAL * rng.lognormal(-0.18, 0.6, tenure.size)
    match = past_pay * MEAN_MATCH * rng.lognormal(-0.045, 0.3, tenure.size)
    years = np.where(takes_part, years_of_growth, 0.0)
    employee = years * np.minimum(deferral, MAXIMUM_DEFERRAL)
    employer = years * np.minimum(match, MAXIMUM_MATCH)
    return np.round(employee, 2), np.round(employer, 2)


def _jobs(rng: np.random.Generator, rank: Integers) -> tuple[pa.Array, pa.Array]:
    """Department and job title as dictionary columns."""
    names = [name for name, _ in DEPARTMENTS]
    department = rng.choice(len(names), rank.size, p=[share for _, share in DEPARTMENTS])
    titles = [title.format(name) for name in names for title in TITLES]
    title = department * len(TITLES) + np.minimum(rank, len(TITLES) - 1)
    return (
        pa.DictionaryArray.from_arrays(department.astype(np.int32), names),
        pa.DictionaryArray.from_arrays(title.astype(np.int32), titles),
    )


def _standardized(values: Floats) -> Floats:
    spread = values.std()
    return (values - values.mean()) / spread if spread else np.zeros_like(values)
