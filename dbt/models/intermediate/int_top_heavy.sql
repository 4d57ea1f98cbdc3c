-- IRC 416(g) on the determination date, 31 December of the year before: balances of key employees above 60% of all
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

lookback AS (
  {{ lookback_population() }}
),

keys AS (
  SELECT
    employee_id,
    BOOL_OR(simulation_year = {{ var('simulation_year') }}) AS is_key_employee
  FROM {{ ref('int_key_employees') }}
  WHERE simulation_year <= {{ var('simulation_year') }}
  GROUP BY employee_id
),

-- distributions are added back: those of the year that ends on the determination date, and in service those of five years
-- (416(g)(3)); whoever worked in that year was in service before
balances AS (
  {{- reads_year_before('fct_participant_accounts') }}
  {%- if is_first_year() %}
  SELECT
    employee_id,
    account_balance_employee + account_balance_employer AS balance
  FROM {{ ref('stg_census_data') }}
  {%- else %}
  SELECT
    employee_id,
    SUM(
      distributed + CASE WHEN simulation_year = {{ var('simulation_year') }} - 1 THEN closing_balance ELSE 0 END
    ) AS balance
  FROM {{ source('previous_year', 'fct_participant_accounts') }}
  WHERE simulation_year BETWEEN {{ var('simulation_year') }} - 5 AND {{ var('simulation_year') }} - 1
  GROUP BY employee_id
  {%- endif %}
),

-- left out: who did not work in the year before the determination date (416(g)(4)(E)), and who was a key employee for an
-- earlier plan year and no longer is (416(g)(4)(B))
totals AS (
  SELECT
    COUNT(*) AS participant_count,
    COUNT(*) FILTER (WHERE keys.is_key_employee) AS key_count,
    CAST(COALESCE(SUM(balances.balance), 0) AS DECIMAL(18, 2)) AS total_balance,
    CAST(COALESCE(SUM(balances.balance) FILTER (WHERE keys.is_key_employee), 0) AS DECIMAL(18, 2)) AS key_balance
  FROM balances
  INNER JOIN lookback
    ON balances.employee_id = lookback.employee_id
  LEFT JOIN keys
    ON balances.employee_id = keys.employee_id
  WHERE balances.balance > 0
    AND keys.is_key_employee IS DISTINCT FROM FALSE
),

-- a plan of deferrals and safe-harbor match only is never top-heavy (416(g)(4)(H))
exemption AS (
  SELECT
    plan__match__safe_harbor <> 'none'
    AND plan__nonelective__formula = 'none'
    AND plan__profit_sharing__formula = 'none'
    AND plan__forfeitures__use <> 'reallocate' AS is_exempt
  FROM settings
)

SELECT
  settings.scenario_id,
  settings.plan_design_id,
  CASE
    WHEN totals.total_balance > 0 THEN CAST({{ from_cents(divide_half_up(
      '10000 * ' ~ cents('totals.key_balance'), cents('totals.total_balance')
    )) }} AS DECIMAL(9, 6))
  END AS top_heavy_ratio,
  totals.key_count,
  totals.participant_count,
  exemption.is_exempt,
  NOT exemption.is_exempt AND 10 * totals.key_balance > 6 * totals.total_balance AS is_top_heavy
FROM totals
CROSS JOIN settings
CROSS JOIN exemption
