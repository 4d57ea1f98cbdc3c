"""The effect of changed levers on pay growth before a run, from what the last run gave.

For each year and opening level, the raises that continuing staff got are scaled by the change of
their lever. Nothing about who is promoted, or when, is computed again, so the estimate with
unchanged levers is the last result itself. Where a lever was 0, its whole value is applied to the
opening pay of the level instead.
"""

import pandas as pd

from orchestrator.publishing import list_runs
from streamlit_dashboard.queries.result import Result, as_result

# A promotion is decided at the level promoted from, so raises count at that of the year's start.
RAISES = """
WITH opening AS (
  SELECT
    simulation_year + 1 AS year,
    employee_id,
    level_id AS level,
    current_compensation AS pay
  FROM fct_workforce_snapshot
  WHERE employment_status = 'active'
  UNION ALL
  SELECT
    (SELECT MIN(simulation_year) FROM fct_simulation_summary),
    employee_id,
    level_id,
    current_compensation
  FROM int_baseline_workforce
),
continuing AS (
  SELECT
    opening.year,
    opening.employee_id,
    opening.level,
    opening.pay
  FROM fct_workforce_snapshot AS snapshot
  INNER JOIN opening
    ON snapshot.simulation_year = opening.year
    AND snapshot.employee_id = opening.employee_id
  WHERE snapshot.detailed_status_code = 'continuous_active'
),
raises AS (
  SELECT
    continuing.year,
    continuing.level,
    events.event_type,
    SUM(events.compensation_amount - events.previous_compensation) AS raise
  FROM fct_yearly_events AS events
  INNER JOIN continuing
    ON events.simulation_year = continuing.year
    AND events.employee_id = continuing.employee_id
  WHERE events.event_type IN ('cola', 'merit', 'promotion')
  GROUP BY ALL
),
pay AS (
  SELECT
    year,
    level,
    SUM(pay) AS pay
  FROM continuing
  GROUP BY ALL
)
SELECT
  pay.year,
  pay.level,
  CAST(ANY_VALUE(pay.pay) AS DOUBLE) AS pay,
  CAST(COALESCE(SUM(raise) FILTER (WHERE event_type = 'cola'), 0) AS DOUBLE) AS cola,
  CAST(COALESCE(SUM(raise) FILTER (WHERE event_type = 'merit'), 0) AS DOUBLE) AS merit,
  CAST(COALESCE(SUM(raise) FILTER (WHERE event_type = 'promotion'), 0) AS DOUBLE) AS promotion
FROM pay
LEFT JOIN raises
  ON pay.year = raises.year AND pay.level = raises.level
GROUP BY pay.year, pay.level
ORDER BY pay.year, pay.level
"""

ESTIMATE = """
WITH lever_pairs AS (
  SELECT
    before.simulation_year AS year,
    before.level_id AS level,
    before.parameter_name AS parameter,
    CAST(before.parameter_value AS DOUBLE) AS value_before,
    COALESCE(changed.value, before.parameter_value) AS value_now
  FROM inputs.comp_levers AS before
  LEFT JOIN (
    SELECT
      UNNEST($years) AS year,
      UNNEST($levels) AS level,
      UNNEST($parameters) AS parameter,
      UNNEST($values) AS value
  ) AS changed
    ON before.simulation_year = changed.year
    AND before.level_id = changed.level
    AND before.parameter_name = changed.parameter
),
levers AS (
  SELECT
    year,
    level,
    MAX(value_before) FILTER (WHERE parameter = 'cola_rate') AS cola_before,
    MAX(value_now) FILTER (WHERE parameter = 'cola_rate') AS cola_now,
    MAX(value_before) FILTER (WHERE parameter = 'merit_base') AS merit_before,
    MAX(value_now) FILTER (WHERE parameter = 'merit_base') AS merit_now,
    PRODUCT(value_before) FILTER (WHERE parameter IN ('promotion_probability', 'promotion_raise'))
      AS promotion_before,
    PRODUCT(value_now) FILTER (WHERE parameter IN ('promotion_probability', 'promotion_raise'))
      AS promotion_now
  FROM lever_pairs
  GROUP BY ALL
),
raises AS (
  {raises}
),
estimated AS (
  SELECT
    raises.year,
    raises.level,
    raises.pay,
    raises.cola + raises.merit + raises.promotion AS given,
    CASE
      WHEN levers.cola_before = 0 THEN raises.cola + levers.cola_now * raises.pay
      ELSE raises.cola * levers.cola_now / levers.cola_before
    END
    + CASE
      WHEN levers.merit_before = 0 THEN raises.merit + levers.merit_now * raises.pay
      ELSE raises.merit * levers.merit_now / levers.merit_before
    END
    + CASE
      WHEN levers.promotion_before = 0 THEN raises.promotion + levers.promotion_now * raises.pay
      ELSE raises.promotion * levers.promotion_now / levers.promotion_before
    END AS expected
  FROM raises
  INNER JOIN levers
    ON raises.year = levers.year AND raises.level = levers.level
)
SELECT
  year,
  {level} AS level,
  SUM(pay) AS opening_pay,
  SUM(given) / SUM(pay) AS growth_before,
  SUM(expected) / SUM(pay) AS growth_estimate,
  SUM(expected) - SUM(given) AS dollars_more
FROM estimated
GROUP BY {groups}
ORDER BY {groups}
"""

Changes = dict[tuple[int, int, str], float]
"""Changed levers: (year, level, parameter) to the new value."""


def pay_growth(result: Result, changes: Changes) -> pd.DataFrame:
    """Pay growth of continuing staff by year: in the result, and estimated with `changes`.

    Growth is a share of opening pay, `dollars_more` the annual difference in dollars.
    """
    return _estimate(result, changes, level="0", groups="year")


def pay_growth_by_level(result: Result, changes: Changes) -> pd.DataFrame:
    """As `pay_growth`, by year and the level at the start of the year."""
    return _estimate(result, changes, level="level", groups="year, level")


def stood_on(scenario: str, shown_at: str) -> Result | None:
    """The result on which the estimate of a scenario stood at a time (UTC, ISO), if it is kept."""
    runs = [*list_runs(scenario), *list_runs("baseline")]
    return next((as_result(run) for run in runs if run.published_at <= shown_at), None)


def _estimate(result: Result, changes: Changes, *, level: str, groups: str) -> pd.DataFrame:
    raises = result.frame(RAISES)
    sql = ESTIMATE.format(
        raises="SELECT UNNEST($ry) AS year, UNNEST($rl) AS level, UNNEST($rp) AS pay, "
        "UNNEST($rc) AS cola, UNNEST($rm) AS merit, UNNEST($rr) AS promotion",
        level=level,
        groups=groups,
    )
    keys = sorted(changes)
    return result.frame(
        sql,
        years=tuple(year for year, _, _ in keys) or (0,),
        levels=tuple(level for _, level, _ in keys) or (0,),
        parameters=tuple(parameter for _, _, parameter in keys) or ("",),
        values=tuple(float(changes[key]) for key in keys) or (0.0,),
        ry=tuple(int(v) for v in raises["year"]),
        rl=tuple(int(v) for v in raises["level"]),
        rp=tuple(raises["pay"]),
        rc=tuple(raises["cola"]),
        rm=tuple(raises["merit"]),
        rr=tuple(raises["promotion"]),
    )
