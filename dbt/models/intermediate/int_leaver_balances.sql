-- accounts of this year's leavers and of former participants: units held from the exit on, nothing is paid in after it
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

prices AS (
  {{ unit_prices() }}
),

opening AS (
  {{ opening_accounts() }}
),

plan_year AS (
  SELECT *
  FROM {{ ref('int_plan_year') }}
  WHERE exit_date IS NOT NULL
),

people AS (
  SELECT
    plan_year.employee_id,
    FALSE AS is_former,
    plan_year.exit_date AS termination_date,
    plan_year.employee_hire_date,
    plan_year.scheduled_hours_per_week,
    plan_year.draw_key,
    person_year.closing_level_id AS level_id,
    person_year.closing_compensation AS annual_compensation
  FROM plan_year
  INNER JOIN {{ ref('int_person_year') }} AS person_year
    ON plan_year.employee_id = person_year.employee_id
  UNION ALL
  -- the election was drawn in the year of exit
  SELECT
    former.employee_id,
    TRUE AS is_former,
    former.termination_date,
    former.employee_hire_date,
    former.scheduled_hours_per_week,
    {{ draw_key(
      'settings.simulation__random_seed', 'former.employee_id', "' || CAST(YEAR(former.termination_date) AS VARCHAR) || '"
    ) }} AS draw_key,
    former.level_id,
    former.closing_compensation AS annual_compensation
  FROM {{ ref('int_former_participants') }} AS former
  CROSS JOIN settings
),

contributions AS (
  {{ contributions() }}
),

-- permissible withdrawals (IRC 414(w)): automatic deferrals are pre-tax and leave on the day of opting out
withdrawals AS (
  SELECT
    money.employee_id,
    plan_year.second_date AS flow_date,
    UNNEST(['employee_pre_tax', 'employer_match']) AS source,
    UNNEST([money.withdrawn_deferrals, money.withdrawn_match]) AS amount,
    -1 AS direction
  FROM {{ ref('int_plan_money') }} AS money
  INNER JOIN plan_year
    ON money.employee_id = plan_year.employee_id
  WHERE money.withdrawn_deferrals > 0
),

-- annual additions returned or forfeited on the last day (IRC 415(c))
excess_additions AS (
  SELECT
    money.employee_id,
    money.posting_date AS flow_date,
    UNNEST(['employee_pre_tax', 'employee_roth', 'employer_match']) AS source,
    UNNEST([money.excess_pre_tax_refund, money.excess_roth_refund, money.excess_match_forfeiture]) AS amount,
    -1 AS direction
  FROM {{ ref('int_plan_money') }} AS money
  INNER JOIN plan_year
    ON money.employee_id = plan_year.employee_id
  WHERE money.excess_pre_tax_refund + money.excess_roth_refund + money.excess_match_forfeiture > 0
),

flows AS (
  SELECT
    contributions.employee_id,
    contributions.pay_date AS flow_date,
    contributions.source,
    contributions.amount,
    1 AS direction
  FROM contributions
  INNER JOIN plan_year
    ON contributions.employee_id = plan_year.employee_id
  UNION ALL
  SELECT *
  FROM withdrawals
  UNION ALL
  SELECT *
  FROM excess_additions
),

movements AS (
  SELECT
    flows.employee_id,
    {{ account_of('flows.source') }} AS account,
    flows.direction * {{ units_of('flows.amount', 'prices.price') }} AS units
  FROM flows
  INNER JOIN prices
    ON flows.flow_date = prices.price_date
  WHERE flows.amount > 0
  UNION ALL
  SELECT
    employee_id,
    account,
    {{ opening_units('opening_balance') }} AS units
  FROM opening
),

-- returned annual additions cannot take more than losses have left
held AS (
  SELECT
    employee_id,
    account,
    CAST(GREATEST(0, SUM(units)) AS BIGINT) AS units
  FROM movements
  GROUP BY employee_id, account
)

SELECT
  people.*,
  held.account,
  held.units,
  opening.frozen_share,
  opening.distribution_date,
  opening.distribution_reason
FROM held
INNER JOIN people
  ON held.employee_id = people.employee_id
LEFT JOIN opening
  ON held.employee_id = opening.employee_id AND held.account = opening.account
