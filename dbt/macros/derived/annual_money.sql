{# Year totals of every entered person, and the employer money that is known only at the end of the year. #}
{% macro annual_money() %}
  WITH settings AS (
    SELECT *
    FROM {{ source('inputs', 'settings') }}
  ),

  limits AS (
    SELECT *
    FROM {{ ref('int_plan_limits') }}
    WHERE simulation_year = {{ var('simulation_year') }}
  ),

  match_bands AS (
    {{ match_bands() }}
  ),

  nonelective_bands AS (
    {{ bands_by_value(source('inputs', 'nonelective_bands'), 'band_from', 'band_to', 'tenure') }}
  ),

  rates AS (
    {{ pay_rates(ref('int_person_year')) }}
  ),

  -- whose match was reduced after last year's ACP test
  reduced AS (
    {{- reads_year_before('fct_compliance_corrections') }}
    {%- if is_first_year() %}
    SELECT CAST(NULL AS VARCHAR) AS employee_id
    {%- else %}
    SELECT employee_id
    FROM {{ source('previous_year', 'fct_compliance_corrections') }}
    WHERE simulation_year = {{ var('simulation_year') }} - 1
      AND test = 'acp'
      AND excess_amount > 0
    {%- endif %}
  ),

  plan_year AS (
    SELECT *
    FROM {{ ref('int_plan_year') }}
    WHERE plan_entry_date IS NOT NULL
  ),

  payroll AS (
    SELECT
      payroll.employee_id,
      SUM(payroll.employee_pre_tax) AS employee_pre_tax,
      SUM(payroll.employee_roth) AS employee_roth,
      SUM(payroll.employee_catch_up) AS employee_catch_up,
      SUM(payroll.employee_roth_catch_up) AS employee_roth_catch_up,
      SUM(payroll.employer_match) AS employer_match,
      SUM(payroll.plan_pay) FILTER (WHERE payroll.pay_date >= plan_year.match_start_date) AS match_pay,
      SUM({{ total_deferrals('payroll') }}) FILTER (WHERE payroll.pay_date >= plan_year.match_start_date) AS matched_deferrals,
      SUM(payroll.employee_catch_up + payroll.employee_roth_catch_up)
        FILTER (WHERE payroll.pay_date >= plan_year.match_start_date) AS matched_catch_up,
      SUM({{ total_deferrals('payroll') }}) FILTER (
        WHERE plan_year.second_kind = 'opt_out' AND payroll.pay_date <= plan_year.second_date
      ) AS withdrawn_deferrals,
      SUM(payroll.employer_match) FILTER (
        WHERE plan_year.second_kind = 'opt_out' AND payroll.pay_date <= plan_year.second_date
      ) AS withdrawn_match
    FROM {{ ref('int_payroll') }} AS payroll
    INNER JOIN plan_year
      ON payroll.employee_id = plan_year.employee_id
    GROUP BY payroll.employee_id
  ),

  totals AS (
    SELECT
      plan_year.*,
      GREATEST(plan_year.plan_entry_date, plan_year.start_date) AS plan_start,
      plan_year.eligibility_basis = 'service' AS earns_employer_money,
      CAST(COALESCE(payroll.employee_pre_tax, 0) AS DECIMAL(18, 2)) AS employee_pre_tax,
      CAST(COALESCE(payroll.employee_roth, 0) AS DECIMAL(18, 2)) AS employee_roth,
      CAST(COALESCE(payroll.employee_catch_up, 0) AS DECIMAL(18, 2)) AS employee_catch_up,
      CAST(COALESCE(payroll.employee_roth_catch_up, 0) AS DECIMAL(18, 2)) AS employee_roth_catch_up,
      CAST(COALESCE(payroll.employer_match, 0) AS DECIMAL(18, 2)) AS payroll_match,
      CAST(COALESCE(payroll.withdrawn_deferrals, 0) AS DECIMAL(18, 2)) AS withdrawn_this_year,
      CAST(COALESCE(payroll.withdrawn_match, 0) AS DECIMAL(18, 2)) AS withdrawn_match_this_year,
      CAST(COALESCE(payroll.match_pay, 0) AS DECIMAL(18, 2)) AS match_pay,
      CAST(COALESCE(
        payroll.matched_deferrals - CASE WHEN settings.plan__match__on_catch_up THEN 0 ELSE payroll.matched_catch_up END, 0
      ) AS DECIMAL(18, 2)) AS matchable_deferrals
    FROM plan_year
    CROSS JOIN settings
    LEFT JOIN payroll
      ON plan_year.employee_id = payroll.employee_id
  ),

  paid AS (
    SELECT
      totals.*,
      {{ window_pay('totals.plan_start', 'totals.last_date', 'rates') }} AS plan_compensation,
      {{ window_pay('totals.start_date', 'totals.last_date', 'rates') }} AS total_compensation,
      COALESCE(match_bands.tiers, []) AS tiers,
      CASE WHEN totals.earns_employer_money THEN COALESCE(nonelective_bands.rate, 0) ELSE 0 END AS nonelective_rate
    FROM totals
    CROSS JOIN settings
    INNER JOIN rates
      ON totals.employee_id = rates.employee_id
    LEFT JOIN match_bands
      ON {{ match_band_value('totals') }} = match_bands.band_value
    LEFT JOIN nonelective_bands
      ON totals.tenure = nonelective_bands.tenure
  ),

  capped AS (
    SELECT
      paid.*,
      LEAST(paid.plan_compensation, paid.compensation_limit) AS capped_compensation,
      CASE
        WHEN paid.is_match_eligible THEN LEAST(
          {{ match_amount(
            'GREATEST(0, paid.matchable_deferrals - paid.withdrawn_this_year)',
            'LEAST(paid.match_pay, paid.compensation_limit)',
            'paid.tiers'
          ) }},
          CAST(settings.plan__match__dollar_cap AS DECIMAL(18, 2))
        )
        ELSE 0
      END AS annual_match,
      LEAST(
        {{ match_amount(share_of('capped_compensation', '0.06'), 'capped_compensation', 'paid.tiers') }},
        CAST(settings.plan__match__dollar_cap AS DECIMAL(18, 2))
      ) AS match_at_six_percent,
      CASE WHEN paid.earns_employer_money THEN capped_compensation ELSE 0 END AS allocation_basis,
      CASE WHEN reduced.employee_id IS NULL THEN allocation_basis ELSE 0 END AS others_basis
    FROM paid
    CROSS JOIN settings
    LEFT JOIN reduced
      ON paid.employee_id = reduced.employee_id
  )

  SELECT
    capped.*,
    CASE WHEN settings.plan__match__frequency = 'annual' THEN capped.annual_match ELSE capped.payroll_match END AS employer_match,
    CASE
      WHEN settings.plan__match__frequency = 'payroll' AND settings.plan__match__true_up
        THEN GREATEST(0, capped.annual_match - (capped.payroll_match - capped.withdrawn_match_this_year))
      ELSE 0
    END AS employer_match_true_up,
    ROUND(
      capped.capped_compensation * capped.nonelective_rate
      + CASE
        WHEN settings.plan__nonelective__formula = 'permitted_disparity' AND capped.earns_employer_money
          THEN GREATEST(0, capped.capped_compensation - limits.social_security_wage_base)
            * settings.plan__nonelective__excess_rate
        ELSE 0
      END,
      2
    ) AS employer_nonelective,
    CASE
      WHEN settings.plan__profit_sharing__formula = 'pro_rata' THEN {{ pro_rata(
        '(' ~ share_of('SUM(capped.allocation_basis) OVER ()', 'settings.plan__profit_sharing__share_of_pay') ~ ')',
        'capped.allocation_basis'
      ) }}
      ELSE 0
    END AS employer_profit_sharing,
    CASE
      WHEN settings.plan__forfeitures__use = 'reallocate'
        THEN {{ pro_rata('CAST(forfeitures.available_to_all AS DECIMAL(18, 2))', 'capped.allocation_basis') }}
          + {{ pro_rata('CAST(forfeitures.available_to_others AS DECIMAL(18, 2))', 'capped.others_basis') }}
      ELSE 0
    END AS forfeiture_allocation
  FROM capped
  CROSS JOIN settings
  CROSS JOIN limits
  CROSS JOIN ({{ forfeitures_available() }}) AS forfeitures
  WINDOW running AS (ORDER BY capped.allocation_basis DESC, capped.employee_id ASC ROWS UNBOUNDED PRECEDING)
{% endmacro %}
