-- everybody's state at the end of $day: genesis and the events up to it, folded; the log is the only witness.
-- {people} limits employee_id. Dollars: columns named after a source are of the year of $day, _to_date of all years;
-- vested shares are NULL until the log has a vesting step.
WITH log AS NOT MATERIALIZED (
  SELECT
    *,
    (effective_date - DATE '1900-01-01') * 1000000 + event_sequence AS moment
  FROM fct_yearly_events
  WHERE effective_date <= $day
    AND {people}
),

genesis AS (
  SELECT *
  FROM int_baseline_workforce
  WHERE employee_hire_date <= $day
    AND {people}
),

employment AS MATERIALIZED (
  SELECT
    employee_id,
    MIN(effective_date) FILTER (event_type = 'hire') AS employee_hire_date,
    MAX(moment) FILTER (event_type = 'hire') AS last_hired,
    MAX(moment) FILTER (event_type = 'termination') AS last_left,
    MAX(effective_date) FILTER (event_type = 'termination') AS termination_date,
    MAX_BY(reason, moment) FILTER (event_type = 'termination') AS termination_reason,
    MAX_BY(level_id, moment)
      FILTER (event_type IN ('hire', 'cola', 'merit', 'promotion')) AS level_id,
    MAX_BY(compensation_amount, moment)
      FILTER (event_type IN ('hire', 'cola', 'merit', 'promotion')) AS current_compensation,
    MAX(effective_date) FILTER (event_type = 'eligibility') AS eligibility_date,
    MAX(effective_date) FILTER (event_type = 'enrollment') AS enrollment_date,
    MAX_BY(event_category, moment) FILTER (event_type = 'enrollment') AS enrollment_method,
    MAX_BY(rate, moment)
      FILTER (event_type IN ('enrollment', 'deferral_change', 'escalation')) AS deferral_rate,
    MAX_BY(rate, moment)
      FILTER (event_type = 'vesting' AND source = 'employer_match') AS vested_match,
    MAX_BY(rate, moment)
      FILTER (event_type = 'vesting' AND source = 'employer_nonelective') AS vested_nonelective,
    MAX_BY(rate, moment)
      FILTER (event_type = 'vesting' AND source = 'employer_profit_sharing')
      AS vested_profit_sharing
  FROM log
  WHERE event_type NOT IN ('contribution', 'distribution', 'forfeiture')
  GROUP BY employee_id
),

-- facts that only the payload holds
elections AS (
  SELECT
    employee_id,
    MIN_BY(event_payload ->> '$.employee_birth_date', moment)
      FILTER (event_type = 'hire') AS employee_birth_date,
    MAX_BY(event_payload ->> '$.plan_entry_date', moment)
      FILTER (event_type = 'eligibility') AS plan_entry_date,
    CAST(
      MAX_BY(event_payload ->> '$.roth_share', moment)
        FILTER (event_type IN ('enrollment', 'deferral_change'))
      AS DECIMAL(9, 6)
    ) AS roth_share,
    MAX_BY(event_payload ->> '$.is_hce', moment)
      FILTER (event_type = 'hce_status' AND simulation_year = YEAR($day)) AS is_hce,
    CAST(
      MAX_BY(event_payload ->> '$.applicable_limit', moment)
        FILTER (event_category = '415c_limit_reached' AND simulation_year = YEAR($day))
      AS DECIMAL(18, 2)
    ) AS additions_limit
  FROM log
  WHERE event_type IN ('hire', 'eligibility', 'enrollment', 'deferral_change', 'hce_status', 'compliance')
  GROUP BY employee_id
),

flows AS (
  SELECT
    employee_id,
    event_type AS flow,
    source,
    event_category,
    SUM(amount) FILTER (simulation_year = YEAR($day)) AS this_year,
    SUM(amount) AS to_date
  FROM log
  WHERE event_type IN ('contribution', 'distribution', 'forfeiture')
  GROUP BY ALL
),

-- catch-up is outside annual additions, allocated forfeitures are inside (IRC 415(c)(2))
money AS (
  SELECT
    employee_id,
    SUM(this_year) FILTER (flow = 'contribution' AND source = 'employee_pre_tax') AS employee_pre_tax,
    SUM(this_year) FILTER (flow = 'contribution' AND source = 'employee_roth') AS employee_roth,
    SUM(this_year) FILTER (flow = 'contribution' AND source IN ('employee_catch_up', 'employee_roth_catch_up')) AS employee_catch_up,
    SUM(this_year) FILTER (flow = 'contribution' AND source = 'employee_roth_catch_up') AS employee_roth_catch_up,
    SUM(this_year) FILTER (flow = 'contribution' AND source IN ('employer_match', 'employer_match_true_up')) AS employer_match,
    SUM(this_year) FILTER (flow = 'contribution' AND source = 'employer_match_true_up') AS employer_match_true_up,
    SUM(this_year) FILTER (flow = 'contribution' AND source = 'employer_nonelective') AS employer_nonelective,
    SUM(this_year) FILTER (flow = 'contribution' AND source = 'employer_profit_sharing') AS employer_profit_sharing,
    SUM(this_year) FILTER (flow = 'contribution' AND source = 'forfeiture_allocation') AS forfeiture_allocation,
    SUM(CASE
      WHEN flow = 'contribution' AND source NOT LIKE '%catch_up' THEN this_year
      WHEN event_category = 'excess_annual_addition' THEN -this_year
    END) AS annual_additions,
    SUM(to_date) FILTER (flow = 'contribution' AND source = 'employee_pre_tax') AS employee_pre_tax_to_date,
    SUM(to_date) FILTER (flow = 'contribution' AND source = 'employee_roth') AS employee_roth_to_date,
    SUM(to_date) FILTER (flow = 'contribution' AND source IN ('employee_catch_up', 'employee_roth_catch_up')) AS employee_catch_up_to_date,
    SUM(to_date) FILTER (flow = 'contribution' AND source IN ('employer_match', 'employer_match_true_up')) AS employer_match_to_date,
    SUM(to_date) FILTER (flow = 'contribution' AND source = 'employer_nonelective') AS employer_nonelective_to_date,
    SUM(to_date) FILTER (flow = 'contribution' AND source = 'employer_profit_sharing') AS employer_profit_sharing_to_date,
    SUM(to_date) FILTER (flow = 'contribution' AND source = 'forfeiture_allocation') AS forfeiture_allocation_to_date,
    SUM(to_date) FILTER (flow = 'distribution') AS distributed_to_date,
    SUM(to_date) FILTER (flow = 'forfeiture') AS forfeited_to_date
  FROM flows
  GROUP BY employee_id
),

everybody AS (
  SELECT employee_id
  FROM genesis
  UNION
  SELECT employee_id
  FROM employment
  WHERE last_hired IS NOT NULL
)

SELECT
  people.employee_id,
  COALESCE(genesis.employee_birth_date, CAST(elections.employee_birth_date AS DATE)) AS employee_birth_date,
  COALESCE(genesis.employee_hire_date, employment.employee_hire_date) AS employee_hire_date,
  IF(people.has_left, 'terminated', 'active') AS employment_status,
  CASE
    WHEN YEAR(employment.employee_hire_date) = YEAR($day) AND people.has_left THEN 'new_hire_termination'
    WHEN YEAR(employment.employee_hire_date) = YEAR($day) THEN 'new_hire_active'
    WHEN people.has_left THEN 'experienced_termination'
    ELSE 'continuous_active'
  END AS detailed_status_code,
  IF(people.has_left, employment.termination_date, NULL) AS termination_date,
  IF(people.has_left, employment.termination_reason, NULL) AS termination_reason,
  COALESCE(employment.level_id, genesis.level_id) AS level_id,
  COALESCE(employment.current_compensation, genesis.current_compensation) AS current_compensation,
  COALESCE(genesis.eligibility_date, employment.eligibility_date) AS eligibility_date,
  COALESCE(genesis.plan_entry_date, CAST(elections.plan_entry_date AS DATE)) AS plan_entry_date,
  COALESCE(
    COALESCE(genesis.plan_entry_date, CAST(elections.plan_entry_date AS DATE))
      <= IF(people.has_left, employment.termination_date, $day)
    AND employment.deferral_rate > 0,
    FALSE
  ) AS is_participating,
  employment.enrollment_date,
  employment.enrollment_method,
  COALESCE(employment.deferral_rate, 0) AS deferral_rate,
  CAST(COALESCE({roth_share}, 0) AS DECIMAL(9, 6)) AS roth_share,
  COALESCE(elections.is_hce = 'true', FALSE) AS is_hce,
  employment.vested_match,
  employment.vested_nonelective,
  employment.vested_profit_sharing,
  CAST(COALESCE(money.employee_pre_tax, 0) AS DECIMAL(18, 6)) AS employee_pre_tax,
  CAST(COALESCE(money.employee_roth, 0) AS DECIMAL(18, 6)) AS employee_roth,
  CAST(COALESCE(money.employee_catch_up, 0) AS DECIMAL(18, 6)) AS employee_catch_up,
  CAST(COALESCE(money.employee_roth_catch_up, 0) AS DECIMAL(18, 6)) AS employee_roth_catch_up,
  CAST(COALESCE(money.employer_match, 0) AS DECIMAL(18, 6)) AS employer_match,
  CAST(COALESCE(money.employer_match_true_up, 0) AS DECIMAL(18, 6)) AS employer_match_true_up,
  CAST(COALESCE(money.employer_nonelective, 0) AS DECIMAL(18, 6)) AS employer_nonelective,
  CAST(COALESCE(money.employer_profit_sharing, 0) AS DECIMAL(18, 6)) AS employer_profit_sharing,
  CAST(COALESCE(money.forfeiture_allocation, 0) AS DECIMAL(18, 6)) AS forfeiture_allocation,
  CAST({annual_additions} AS DECIMAL(18, 6)) AS annual_additions,
  CAST(COALESCE(money.employee_pre_tax_to_date, 0) AS DECIMAL(18, 6)) AS employee_pre_tax_to_date,
  CAST(COALESCE(money.employee_roth_to_date, 0) AS DECIMAL(18, 6)) AS employee_roth_to_date,
  CAST(COALESCE(money.employee_catch_up_to_date, 0) AS DECIMAL(18, 6)) AS employee_catch_up_to_date,
  CAST(COALESCE(money.employer_match_to_date, 0) AS DECIMAL(18, 6)) AS employer_match_to_date,
  CAST(COALESCE(money.employer_nonelective_to_date, 0) AS DECIMAL(18, 6)) AS employer_nonelective_to_date,
  CAST(COALESCE(money.employer_profit_sharing_to_date, 0) AS DECIMAL(18, 6)) AS employer_profit_sharing_to_date,
  CAST(COALESCE(money.forfeiture_allocation_to_date, 0) AS DECIMAL(18, 6)) AS forfeiture_allocation_to_date,
  CAST(COALESCE(money.distributed_to_date, 0) AS DECIMAL(18, 6)) AS distributed_to_date,
  CAST(COALESCE(money.forfeited_to_date, 0) AS DECIMAL(18, 6)) AS forfeited_to_date
FROM (
  SELECT
    everybody.employee_id,
    COALESCE(employment.last_left > COALESCE(employment.last_hired, 0), FALSE) AS has_left
  FROM everybody
  LEFT JOIN employment
    ON everybody.employee_id = employment.employee_id
) AS people
LEFT JOIN genesis
  ON people.employee_id = genesis.employee_id
LEFT JOIN employment
  ON people.employee_id = employment.employee_id
LEFT JOIN elections
  ON people.employee_id = elections.employee_id
LEFT JOIN money
  ON people.employee_id = money.employee_id
ORDER BY people.employee_id
