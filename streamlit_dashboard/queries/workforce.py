"""Who is in the workforce: counts by status and group, and the people behind a bar."""

from dataclasses import asdict, dataclass
from typing import Literal

import pandas as pd

from streamlit_dashboard.queries.result import Result

STATUSES = {
    "continuous_active": "Employed all year",
    "new_hire_active": "Hired this year",
    "experienced_termination": "Left",
    "new_hire_termination": "Hired and left",
}
"""`detailed_status_code` as an analyst says it, in the order of the charts."""

NO_DEPARTMENT = "Not recorded"

Grouping = Literal["level", "department", "age_band", "tenure_band"]


@dataclass(frozen=True)
class Filter:
    """Choices of an analyst; an empty tuple means all. `search` is part of an employee id."""

    years: tuple[int, ...] = ()
    statuses: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    departments: tuple[str, ...] = ()
    age_bands: tuple[str, ...] = ()
    tenure_bands: tuple[str, ...] = ()
    search: str = ""


_FILTERED = f"""
filtered AS (
  SELECT
    *,
    COALESCE(department, '{NO_DEPARTMENT}') AS department_shown
  FROM fct_workforce_snapshot
  WHERE (LEN($years) = 0 OR simulation_year IN $years)
    AND (LEN($statuses) = 0 OR detailed_status_code IN $statuses)
    AND (LEN($levels) = 0 OR level_id IN $levels)
    AND (LEN($departments) = 0 OR COALESCE(department, '{NO_DEPARTMENT}') IN $departments)
    AND (LEN($age_bands) = 0 OR age_band IN $age_bands)
    AND (LEN($tenure_bands) = 0 OR tenure_band IN $tenure_bands)
    AND ($search = '' OR CONTAINS(LOWER(employee_id), LOWER($search)))
)
"""

_GROUPS: dict[str, str] = {
    "level": "level_id",
    "department": "department_shown",
    "age_band": "age_band",
    "tenure_band": "tenure_band",
}

BY_STATUS = f"""
WITH {_FILTERED}
SELECT
  simulation_year AS year,
  detailed_status_code AS status,
  COUNT(*) AS people,
  AVG(current_compensation) AS average_pay,
  SUM(current_compensation) AS annual_pay
FROM filtered
GROUP BY ALL
ORDER BY simulation_year, detailed_status_code
"""

BY_GROUP = """
WITH {filtered}
SELECT
  CAST({group} AS VARCHAR) AS grouping,
  detailed_status_code AS status,
  COUNT(*) AS people,
  AVG(current_compensation) AS average_pay
FROM filtered
GROUP BY {group}, detailed_status_code
ORDER BY {group}, status
"""

PEOPLE = f"""
WITH {_FILTERED}
SELECT
  simulation_year AS year,
  employee_id,
  detailed_status_code AS status,
  level_id AS level,
  department_shown AS department,
  current_age AS age,
  current_tenure AS tenure,
  employee_hire_date AS hired,
  termination_date AS "left",
  termination_reason AS reason,
  current_compensation AS annual_pay,
  prorated_annual_compensation AS paid
FROM filtered
ORDER BY simulation_year DESC, employee_id
LIMIT $limit
"""

COUNT = f"""
WITH {_FILTERED}
SELECT
  COUNT(*) AS person_years,
  COUNT(DISTINCT employee_id) AS people
FROM filtered
"""

CHOICES = f"""
SELECT
  (SELECT LIST(DISTINCT simulation_year ORDER BY simulation_year) FROM fct_simulation_summary)
    AS years,
  (SELECT LIST(level_id ORDER BY level_id) FROM inputs.job_levels) AS levels,
  (SELECT LIST(name ORDER BY level_id) FROM inputs.job_levels) AS level_names,
  (
    SELECT LIST(shown ORDER BY shown)
    FROM (
      SELECT DISTINCT COALESCE(department, '{NO_DEPARTMENT}') AS shown
      FROM fct_workforce_snapshot
    )
  ) AS departments,
  (SELECT LIST(band ORDER BY min_age) FROM inputs.age_bands) AS age_bands,
  (SELECT LIST(band ORDER BY min_tenure) FROM inputs.tenure_bands) AS tenure_bands
"""


@dataclass(frozen=True)
class Choices:
    """What each filter may be set to; `levels` maps a level to its name."""

    years: tuple[int, ...]
    levels: dict[int, str]
    departments: tuple[str, ...]
    age_bands: tuple[str, ...]
    tenure_bands: tuple[str, ...]


def choices(result: Result) -> Choices:
    """The values that occur in the result."""
    row = result.frame(CHOICES).iloc[0]
    return Choices(
        tuple(int(year) for year in row["years"]),
        dict(zip(map(int, row["levels"]), row["level_names"], strict=True)),
        tuple(row["departments"]),
        tuple(row["age_bands"]),
        tuple(row["tenure_bands"]),
    )


def by_status(result: Result, chosen: Filter) -> pd.DataFrame:
    """People by year and `detailed_status_code`."""
    return result.frame(BY_STATUS, **asdict(chosen))


def by_group(result: Result, chosen: Filter, grouping: Grouping) -> pd.DataFrame:
    """People by a grouping and status, over the years of the filter."""
    sql = BY_GROUP.format(filtered=_FILTERED, group=_GROUPS[grouping])
    return result.frame(sql, **asdict(chosen))


def people(result: Result, chosen: Filter, limit: int) -> pd.DataFrame:
    """The people of a filter, one row a person and year, at most `limit`."""
    return _in_words(result.frame(PEOPLE, **asdict(chosen), limit=limit))


def everybody(result: Result, chosen: Filter) -> pd.DataFrame:
    """As `people`, without a limit."""
    rows, _ = count(result, chosen)
    return _in_words(result.uncached_frame(PEOPLE, **asdict(chosen), limit=rows))


def count(result: Result, chosen: Filter) -> tuple[int, int]:
    """Rows of `people` without a limit, and how many different people they are."""
    row = result.frame(COUNT, **asdict(chosen)).iloc[0]
    return int(row["person_years"]), int(row["people"])


def _in_words(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(status=frame["status"].map(STATUSES))
