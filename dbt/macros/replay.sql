{# State of everybody employed in the year, from the census and all events up to it. #}
{% macro replayed_state() %}
  SELECT
    genesis.employee_id,
    genesis.employee_birth_date,
    genesis.employee_hire_date,
    MAX_BY(changes.level_id, (changes.simulation_year, changes.event_sequence)) AS level_id,
    MAX_BY(changes.annual_rate, (changes.simulation_year, changes.event_sequence)) AS current_compensation,
    MAX(changes.termination_date) AS termination_date,
    MAX(changes.termination_reason) AS termination_reason
  FROM (
    SELECT
      employee_id,
      employee_birth_date,
      employee_hire_date
    FROM {{ ref('int_baseline_workforce') }}
    UNION ALL
    SELECT
      employee_id,
      CAST(event_payload ->> '$.employee_birth_date' AS DATE) AS employee_birth_date,
      effective_date AS employee_hire_date
    FROM {{ ref('fct_yearly_events') }}
    WHERE event_type = 'hire'
  ) AS genesis
  INNER JOIN (
    SELECT
      employee_id,
      0 AS simulation_year,
      CAST(0 AS BIGINT) AS event_sequence,
      level_id,
      current_compensation AS annual_rate,
      CAST(NULL AS DATE) AS termination_date,
      CAST(NULL AS VARCHAR) AS termination_reason
    FROM {{ ref('int_baseline_workforce') }}
    UNION ALL
    SELECT
      employee_id,
      simulation_year,
      event_sequence,
      level_id,
      compensation_amount AS annual_rate,
      CASE WHEN event_type = 'termination' THEN effective_date END AS termination_date,
      CASE WHEN event_type = 'termination' THEN reason END AS termination_reason
    FROM {{ ref('fct_yearly_events') }}
    WHERE event_type IN ('hire', 'cola', 'merit', 'promotion', 'termination')
  ) AS changes
    ON genesis.employee_id = changes.employee_id
  GROUP BY genesis.employee_id, genesis.employee_birth_date, genesis.employee_hire_date
  HAVING COALESCE(MAX(changes.termination_date), {{ year_start() }}) >= {{ year_start() }}
{% endmacro %}
