{#
  State of everybody employed in the year, from the census and the whole event log up to it: no snapshot of any year is
  read, so whatever a year's fold got from elsewhere shows up as a difference.
#}
{% macro replayed_state() %}
  SELECT
    genesis.employee_id,
    genesis.employee_birth_date,
    genesis.employee_hire_date,
    pay.level_id,
    pay.current_compensation,
    pay.termination_date,
    pay.termination_reason,
    CASE WHEN pay.termination_date IS NULL THEN 'active' ELSE 'terminated' END AS employment_status,
    CASE
      WHEN genesis.hire_year = {{ var('simulation_year') }} AND pay.termination_date IS NULL THEN 'new_hire_active'
      WHEN genesis.hire_year = {{ var('simulation_year') }} THEN 'new_hire_termination'
      WHEN pay.termination_date IS NULL THEN 'continuous_active'
      ELSE 'experienced_termination'
    END AS detailed_status_code,
    COALESCE(genesis.eligibility_date, plan.eligibility_date) AS eligibility_date,
    COALESCE(genesis.plan_entry_date, plan.plan_entry_date) AS plan_entry_date,
    plan.enrollment_date,
    plan.enrollment_method,
    COALESCE(plan.deferral_rate, 0) AS deferral_rate,
    COALESCE({{ elected_roth_share('plan.roth_share', 'genesis.census_roth_share') }}, 0) AS roth_share,
    COALESCE(
      COALESCE(genesis.plan_entry_date, plan.plan_entry_date) <= COALESCE(pay.termination_date, {{ year_end() }})
      AND plan.deferral_rate > 0,
      FALSE
    ) AS is_participating,
    COALESCE(status.is_hce, FALSE) AS is_hce,
    {% for source in contribution_sources() %}
    COALESCE(money.{{ source }}, 0) AS {{ source }},
    {% endfor %}
    {{ corrected_additions('money.annual_additions', 'status.additions_limit') }} AS annual_additions
  FROM (
    {{ genesis_people() }}
  ) AS genesis
  INNER JOIN (
    {{ replayed_pay() }}
  ) AS pay
    ON genesis.employee_id = pay.employee_id
  LEFT JOIN (
    {{ replayed_plan() }}
  ) AS plan
    ON genesis.employee_id = plan.employee_id
  LEFT JOIN (
    {{ replayed_status() }}
  ) AS status
    ON genesis.employee_id = status.employee_id
  LEFT JOIN (
    {{ replayed_money() }}
  ) AS money
    ON genesis.employee_id = money.employee_id
  WHERE COALESCE(pay.termination_date, {{ year_start() }}) >= {{ year_start() }}
{% endmacro %}

{% macro genesis_people() %}
  SELECT
    employee_id,
    CAST(NULL AS INTEGER) AS hire_year,
    employee_birth_date,
    employee_hire_date,
    eligibility_date,
    plan_entry_date,
    census_roth_share
  FROM {{ ref('int_baseline_workforce') }}
  UNION ALL
  SELECT
    employee_id,
    simulation_year AS hire_year,
    CAST(event_payload ->> '$.employee_birth_date' AS DATE) AS employee_birth_date,
    effective_date AS employee_hire_date,
    CAST(NULL AS DATE) AS eligibility_date,
    CAST(NULL AS DATE) AS plan_entry_date,
    CAST(NULL AS DECIMAL(9, 6)) AS census_roth_share
  FROM {{ ref('fct_yearly_events') }}
  WHERE event_type = 'hire'
{% endmacro %}

{% macro replayed_pay() %}
  SELECT
    employee_id,
    MAX_BY(level_id, (simulation_year, event_sequence)) AS level_id,
    MAX_BY(annual_rate, (simulation_year, event_sequence)) AS current_compensation,
    MAX(termination_date) AS termination_date,
    MAX(termination_reason) AS termination_reason
  FROM (
    {{ pay_history() }}
  )
  GROUP BY employee_id
{% endmacro %}

{# Annual rates from the census and the log; rate_before is the one that an event says it found. #}
{% macro pay_history() %}
  SELECT
    employee_id,
    0 AS simulation_year,
    CAST(0 AS BIGINT) AS event_sequence,
    level_id,
    current_compensation AS annual_rate,
    CAST(NULL AS DECIMAL(18, 6)) AS rate_before,
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
    CASE WHEN event_type = 'termination' THEN compensation_amount ELSE previous_compensation END AS rate_before,
    CASE WHEN event_type = 'termination' THEN effective_date END AS termination_date,
    CASE WHEN event_type = 'termination' THEN reason END AS termination_reason
  FROM {{ ref('fct_yearly_events') }}
  WHERE event_type IN ('hire', 'cola', 'merit', 'promotion', 'termination')
{% endmacro %}

{# Text is read by one type of event at a time: the scan then leaves out that of all others. #}
{% macro replayed_plan() %}
  SELECT
    employee_id,
    MIN(eligibility_date) AS eligibility_date,
    MIN(plan_entry_date) AS plan_entry_date,
    MAX(effective_date) FILTER (WHERE event_type = 'enrollment') AS enrollment_date,
    MAX_BY(event_category, effective_date) FILTER (WHERE event_type = 'enrollment') AS enrollment_method,
    MAX_BY(rate, (simulation_year, event_sequence)) FILTER (WHERE event_type IS NOT NULL) AS deferral_rate,
    MAX_BY(roth_share, share_date) AS roth_share
  FROM (
    SELECT
      employee_id,
      simulation_year,
      event_sequence,
      effective_date,
      event_type,
      event_category,
      rate
    FROM {{ ref('fct_yearly_events') }}
    WHERE event_type IN ('enrollment', 'deferral_change', 'escalation')
    UNION ALL BY NAME
    SELECT
      employee_id,
      effective_date AS eligibility_date,
      CAST(event_payload ->> '$.plan_entry_date' AS DATE) AS plan_entry_date
    FROM {{ ref('fct_yearly_events') }}
    WHERE event_type = 'eligibility'
    UNION ALL BY NAME
    SELECT
      employee_id,
      effective_date AS share_date,
      CAST(event_payload ->> '$.roth_share' AS DECIMAL(9, 6)) AS roth_share
    FROM {{ ref('fct_yearly_events') }}
    WHERE event_type = 'enrollment'
  )
  GROUP BY employee_id
{% endmacro %}

{# What holds for one year only. #}
{% macro replayed_status() %}
  SELECT
    employee_id,
    BOOL_OR(is_hce) AS is_hce,
    MAX(additions_limit) AS additions_limit
  FROM (
    SELECT
      employee_id,
      TRUE AS is_hce
    FROM {{ ref('fct_yearly_events') }}
    WHERE event_type = 'hce_status'
      AND simulation_year = {{ var('simulation_year') }}
    UNION ALL BY NAME
    SELECT
      employee_id,
      CAST(event_payload ->> '$.applicable_limit' AS DECIMAL(18, 2)) AS additions_limit
    FROM {{ ref('fct_yearly_events') }}
    WHERE event_category = '415c_limit_reached'
      AND simulation_year = {{ var('simulation_year') }}
  )
  GROUP BY employee_id
{% endmacro %}

{# Contributions are most of the log: they are read without its text. #}
{% macro replayed_money() %}
  SELECT
    employee_id,
    {% for source in contribution_sources() %}
    SUM(amount) FILTER (WHERE event_type = 'contribution' AND source = '{{ source }}') AS {{ source }},
    {% endfor %}
    SUM(CASE
      WHEN event_type <> 'contribution' THEN -amount
      WHEN source NOT IN ('employee_catch_up', 'employee_roth_catch_up') THEN amount
    END) AS annual_additions
  FROM {{ ref('fct_yearly_events') }}
  WHERE (event_type = 'contribution' OR event_category = 'excess_annual_addition')
    AND simulation_year = {{ var('simulation_year') }}
  GROUP BY employee_id
{% endmacro %}
