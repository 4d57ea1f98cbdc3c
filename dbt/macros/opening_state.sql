{#
  Everybody employed at 31 December of the previous year, with the state carried over: the census in the first year,
  last year's snapshot afterwards. Elections of the census take effect on 1 January of the first year or on entry.
#}
{% macro opening_state() %}
  {{- reads_year_before('fct_workforce_snapshot') }}
  {{- reads_year_before('fct_participant_accounts') }}
  SELECT
    scenario_id,
    plan_design_id,
    employee_id,
    employee_ssn,
    employee_birth_date,
    employee_hire_date,
    level_id,
    CAST(current_compensation AS DECIMAL(18, 2)) AS opening_compensation,
    job_title,
    department,
    scheduled_hours_per_week,
    ownership_pct,
    is_officer,
    eligibility_date,
    plan_entry_date,
    eligibility_basis,
    census_entry_date,
    census_deferral_rate,
    census_roth_share,
    auto_escalation_opt_out,
  {%- if is_first_year() %}
    CAST(prior_year_gross_pay AS DECIMAL(18, 2)) AS prior_year_pay,
    CAST(NULL AS DATE) AS enrollment_date,
    CAST(NULL AS VARCHAR) AS enrollment_method,
    CAST(0 AS DECIMAL(9, 6)) AS deferral_rate,
    CAST(0 AS DECIMAL(9, 6)) AS roth_share,
    CAST(0 AS DECIMAL(18, 2)) AS prior_year_deferrals,
    CAST(0 AS DECIMAL(18, 2)) AS prior_year_match
  FROM {{ ref('int_baseline_workforce') }}
  {%- else %}
    CAST(prorated_annual_compensation AS DECIMAL(18, 2)) AS prior_year_pay,
    enrollment_date,
    enrollment_method,
    deferral_rate,
    roth_share,
    CAST(COALESCE(left_in_plan.deferrals, 0) AS DECIMAL(18, 2)) AS prior_year_deferrals,
    CAST(COALESCE(left_in_plan.match, 0) AS DECIMAL(18, 2)) AS prior_year_match
  FROM {{ source('previous_year', 'fct_workforce_snapshot') }}
  LEFT JOIN (
    -- withdrawals reach back to the year of an automatic enrollment; what corrections have returned or forfeited in it
    -- cannot be withdrawn again, and what has become Roth catch-up stays
    SELECT
      employee_id,
      SUM(contributions - distributed) FILTER (WHERE account = 'employee_pre_tax') AS deferrals,
      SUM(contributions - distributed - forfeited) FILTER (WHERE account = 'employer_match') AS match
    FROM {{ source('previous_year', 'fct_participant_accounts') }}
    WHERE simulation_year = {{ var('simulation_year') }} - 1
      AND employee_id IN (
        SELECT employee_id
        FROM {{ source('previous_year', 'fct_workforce_snapshot') }}
        WHERE simulation_year = {{ var('simulation_year') }} - 1
          AND enrollment_method = 'auto'
          AND YEAR(enrollment_date) = simulation_year
      )
    GROUP BY employee_id
  ) AS left_in_plan
    USING (employee_id)
  WHERE simulation_year = {{ var('simulation_year') }} - 1
    AND employment_status = 'active'
  {%- endif %}
{% endmacro %}
