"""The effect of changed levers on pay growth before a run, from what the last run gave.

For each year and opening level, the raises that continuing staff got are scaled by the change of
their lever. Nothing about who is promoted, or when, is computed again, so the estimate with
unchanged levers is the last result itself. Where a lever was 0, its whole value is applied to the
opening pay of the level instead.
"""

import pandas as pd

from streamlit_dashboard.queries.result import Result

_CONTINUING = """
continuing AS (
  SELECT
    simulation_year AS year,
    employee_id
  FROM fct_workforce_snapshot
  WHERE detailed_status_code = 'continuous_active'
),
raises AS (
  SELECT
    events.simulation_year AS year,
    events.employee_id,
    -- A promotion is decided at the level promoted from.
    MIN(events.level_id - CASE WHEN events.event_type = 'promotion' THEN 1 ELSE 0 END) AS level,
    ARG_MIN(events.previous_compensation, events.event_sequence) AS opening_pay,
    SUM(events.compensation_amount - events.previous_compensation)
      FILTER (WHERE events.event_type = 'cola') AS cola,
    SUM(events.compensation_amount - events.previous_compensation)
      FILTER (WHERE events.event_type = 'merit') AS merit,
    SUM(events.compensation_amount - events.previous_compensation)
      FILTER (WHERE events.event_type = 'promotion') AS promotion
  FROM fct_yearly_events AS events
  INNER JOIN continuing
    ON events.simulation_year = continuing.year
    AND events.employee_id = continuing.employee_id
  WHERE events.event_type IN ('cola', 'merit', 'promotion')
  GROUP BY events.simulation_year, events.employee_id
),
opening AS (
  SELECT
    snapshot.simulation_year AS year,
    COALESCE(raises.level, snapshot.level_id) AS level,
    COALESCE(raises.opening_pay, snapshot.current_compensation) AS pay,
    COALESCE(raises.cola, 0) AS cola,
    COALESCE(raises.merit, 0) AS merit,
    COALESCE(raises.promotion, 0) AS promotion
  FROM fct_workforce_snapshot AS snapshot
  LEFT JOIN raises
    ON snapshot.simulation_year = raises.year
    AND snapshot.employee_id = raises.employee_id
  WHERE snapshot.detailed_status_code = 'continuous_active'
)
"""

RAISES = f"""
WITH {_CONTINUING}
SELECT
  year,
  level,
  CAST(SUM(pay) AS DOUBLE) AS pay,
  CAST(SUM(cola) AS DOUBLE) AS cola,
  CAST(SUM(merit) AS DOUBLE) AS merit,
  CAST(SUM(promotion) AS DOUBLE) AS promotion
FROM opening
GROUP BY ALL
ORDER BY year, level
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
