"""One person: state by year and every event, each amount with its explanation."""

import pandas as pd

from streamlit_dashboard.queries.result import Result

STATES = """
SELECT * EXCLUDE (scenario_id, plan_design_id, employee_ssn, snapshot_created_at)
FROM fct_workforce_snapshot
WHERE employee_id = $employee_id
ORDER BY simulation_year
"""

EVENTS = """
SELECT
  effective_date AS date,
  event_type AS event,
  event_category AS kind,
  event_details AS details,
  CASE
    WHEN event_type IN ('cola', 'merit', 'promotion')
      THEN FORMAT(
        'Lever of scenario {} for level {} in {}{}',
        parameter_scenario_id, level_id, simulation_year,
        CASE
          WHEN parameter_source = 'lever' THEN ''
          ELSE ' (' || REPLACE(parameter_source, '_', ' ') || ')'
        END
      )
    WHEN event_type = 'termination' AND event_probability IS NOT NULL
      THEN FORMAT(
        'Probability {:.1f}% for age {} and tenure {}',
        event_probability * 100, age_band, tenure_band
      )
    WHEN event_type = 'contribution'
      THEN FORMAT(
        '{} of {:,.2f} pay in the period; {:,.2f} so far this year',
        REPLACE(source, '_', ' '),
        CAST(event_payload ->> '$.period_compensation' AS DOUBLE),
        CAST(event_payload ->> '$.year_to_date' AS DOUBLE)
      )
    WHEN event_type = 'forfeiture'
      THEN FORMAT(
        'Account {:,.2f}, vested {:.0f}%',
        CAST(event_payload ->> '$.account_balance' AS DOUBLE),
        CAST(event_payload ->> '$.vested_share' AS DOUBLE) * 100
      )
    ELSE COALESCE(REPLACE(reason, '_', ' '), '')
  END AS explanation,
  amount,
  rate,
  compensation_amount AS annual_pay,
  simulation_year AS year,
  event_sequence AS place
FROM fct_yearly_events
WHERE employee_id = $employee_id
ORDER BY simulation_year, event_sequence
"""


def states(result: Result, employee_id: str) -> pd.DataFrame:
    """The person at each 31 December, without any token of a social security number."""
    return result.frame(STATES, employee_id=employee_id)


def events(result: Result, employee_id: str) -> pd.DataFrame:
    """Every event of a person in order, with why it happened."""
    return result.frame(EVENTS, employee_id=employee_id)
