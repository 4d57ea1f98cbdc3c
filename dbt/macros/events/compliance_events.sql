{#
  Branches of the event log about limits and status. They expect the CTEs plan_year (int_plan_year), plan_money
  (int_plan_money) and settings. Ranks differ between events that can share a day.
#}

{# Every highly compensated employee, on the first day in the year. #}
{% macro events_hce_status_sql() %}
  SELECT
    plan_year.employee_id,
    'hce_status' AS event_type,
    'highly_compensated' AS event_category,
    plan_year.start_date AS effective_date,
    2 AS sort_rank,
    TO_JSON(STRUCT_PACK(
      event_type := 'hce_status',
      is_hce := hce.is_hce,
      determination_method := 'prior_year',
      lookback_compensation := CAST(hce.lookback_compensation AS VARCHAR),
      threshold := CAST(hce.hce_threshold AS VARCHAR),
      ownership_share := CAST(hce.ownership_pct AS VARCHAR),
      in_top_paid_group := hce.in_top_paid_group
    )) AS event_payload,
    'irs_limits' AS parameter_source,
    'hce_determination' AS source_system
  FROM plan_year
  INNER JOIN {{ ref('int_hce') }} AS hce
    ON plan_year.employee_id = hce.employee_id
  WHERE hce.is_hce
{% endmacro %}

{# A person qualifies for, nears or meets a limit. #}
{% macro events_compliance_sql() %}
  SELECT
    facts.employee_id,
    'compliance' AS event_type,
    facts.compliance_type AS event_category,
    facts.effective_date,
    facts.sort_rank,
    TO_JSON(STRUCT_PACK(
      event_type := 'compliance',
      compliance_type := facts.compliance_type,
      limit_type := facts.limit_type,
      applicable_limit := CAST(facts.applicable_limit AS VARCHAR),
      current_amount := CAST(facts.current_amount AS VARCHAR)
    )) AS event_payload,
    'irs_limits' AS parameter_source,
    'compliance_monitoring' AS source_system
  FROM (
    {{ catch_up_facts() }}
    UNION ALL
    {{ elective_deferral_facts() }}
    UNION ALL
    {{ annual_addition_facts() }}
  ) AS facts
{% endmacro %}

{# Participants with an election who may catch up, on the first day of the year they take part; Roth rule: 414(v)(7). #}
{% macro catch_up_facts() %}
  SELECT
    plan_year.employee_id,
    kinds.compliance_type,
    GREATEST(plan_year.start_date, plan_year.plan_entry_date) AS effective_date,
    kinds.sort_rank,
    kinds.limit_type,
    CAST(CASE kinds.limit_type
      WHEN 'compensation' THEN plan_year.roth_catch_up_wage_threshold
      ELSE plan_year.catch_up_room
    END AS DECIMAL(18, 2)) AS applicable_limit,
    CAST(CASE kinds.limit_type WHEN 'compensation' THEN plan_year.prior_year_pay ELSE 0 END AS DECIMAL(18, 2))
      AS current_amount
  FROM plan_year
  CROSS JOIN settings
  INNER JOIN {{ ref('int_plan_limits') }} AS limits
    ON limits.simulation_year = {{ var('simulation_year') }}
  INNER JOIN (
    VALUES
    ('catch_up_eligible', 'catch_up', 80),
    ('super_catch_up_eligible', 'catch_up', 80),
    ('roth_catch_up_required', 'compensation', 81)
  ) AS kinds (compliance_type, limit_type, sort_rank)
    ON CASE kinds.compliance_type
      WHEN 'catch_up_eligible' THEN plan_year.catch_up_room = limits.catch_up_limit
      WHEN 'super_catch_up_eligible' THEN plan_year.catch_up_room > limits.catch_up_limit
      ELSE plan_year.must_catch_up_roth
    END
  WHERE plan_year.plan_entry_date IS NOT NULL
    AND plan_year.age >= 50
    AND settings.plan__deferrals__catch_up
    AND (plan_year.opening_deferral_rate > 0 OR plan_year.first_date IS NOT NULL)
{% endmacro %}

{# IRC 402(g): the pay dates on which regular deferrals first come to 90% of the limit, and to the limit. #}
{% macro elective_deferral_facts() %}
  SELECT
    employee_id,
    CASE WHEN is_reached THEN '402g_limit_reached' ELSE '402g_limit_approach' END AS compliance_type,
    MIN(pay_date) AS effective_date,
    82 AS sort_rank,
    'elective_deferral' AS limit_type,
    applicable_limit,
    MIN(to_date) AS current_amount
  FROM (
    SELECT
      payroll.employee_id,
      payroll.pay_date,
      plan_year.elective_deferral_limit AS applicable_limit,
      CAST(SUM(payroll.employee_pre_tax + payroll.employee_roth) OVER (
        PARTITION BY payroll.employee_id
        ORDER BY payroll.period
      ) AS DECIMAL(18, 2)) AS to_date,
      to_date >= plan_year.elective_deferral_limit AS is_reached
    FROM {{ ref('int_payroll') }} AS payroll
    INNER JOIN plan_money
      ON payroll.employee_id = plan_money.employee_id
    INNER JOIN plan_year
      ON payroll.employee_id = plan_year.employee_id
    WHERE 10 * (plan_money.employee_pre_tax + plan_money.employee_roth) >= 9 * plan_year.elective_deferral_limit
  ) AS running
  WHERE 10 * to_date >= 9 * applicable_limit
  GROUP BY employee_id, is_reached, applicable_limit
{% endmacro %}

{# IRC 415(c): additions are complete on the posting date; the amount is the one before any reduction. #}
{% macro annual_addition_facts() %}
  SELECT
    employee_id,
    CASE
      WHEN annual_additions_before_limit >= annual_additions_limit THEN '415c_limit_reached'
      ELSE '415c_limit_approach'
    END AS compliance_type,
    posting_date AS effective_date,
    83 AS sort_rank,
    'annual_additions' AS limit_type,
    annual_additions_limit AS applicable_limit,
    annual_additions_before_limit AS current_amount
  FROM plan_money
  WHERE annual_additions_limit > 0
    AND 10 * annual_additions_before_limit >= 9 * annual_additions_limit
{% endmacro %}
