WITH census AS (
  SELECT *
  FROM {{ source('inputs', 'census') }}
),

settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

job_levels AS (
  SELECT *
  FROM {{ source('inputs', 'job_levels') }}
),

-- without a level in the census, the highest level whose range starts at or below the pay; the lowest for less
inferred_levels AS (
  SELECT
    census.employee_id,
    COALESCE(
      MAX(job_levels.level_id),
      (SELECT MIN(lowest.level_id) FROM job_levels AS lowest)
    ) AS level_id
  FROM census
  LEFT JOIN job_levels
    ON census.employee_gross_compensation >= job_levels.minimum_compensation
  GROUP BY census.employee_id
)

SELECT
  settings.scenario_id,
  settings.plan_design_id,
  census.employee_id,
  census.employee_ssn,
  census.employee_birth_date,
  census.employee_hire_date,
  census.employee_termination_date,
  CAST(ROUND(census.employee_gross_compensation, 2) AS DECIMAL(18, 6)) AS employee_gross_compensation,
  COALESCE(census.level_id, inferred_levels.level_id) AS level_id,
  census.job_title,
  census.department,
  CAST(COALESCE(census.scheduled_hours_per_week, 40) AS DECIMAL(9, 6)) AS scheduled_hours_per_week,
  CAST(ROUND(census.prior_year_gross_pay, 2) AS DECIMAL(18, 6)) AS prior_year_gross_pay,
  CAST(COALESCE(census.ownership_pct, 0) AS DECIMAL(9, 6)) AS ownership_pct,
  COALESCE(census.is_officer, FALSE) AS is_officer,
  census.employee_deferral_rate,
  CAST(COALESCE(census.employee_roth_share, 0) AS DECIMAL(9, 6)) AS employee_roth_share,
  census.auto_escalation_opt_out,
  census.plan_entry_date,
  CAST(ROUND(COALESCE(census.account_balance_employee, 0), 2) AS DECIMAL(18, 6)) AS account_balance_employee,
  CAST(ROUND(COALESCE(census.account_balance_employer, 0), 2) AS DECIMAL(18, 6)) AS account_balance_employer
FROM census
CROSS JOIN settings
LEFT JOIN inferred_levels
  ON census.employee_id = inferred_levels.employee_id
ORDER BY census.employee_id
