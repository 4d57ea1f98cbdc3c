-- one row per entered person: the year's money by source after top-heavy minimum and annual additions limit
WITH settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

limits AS (
  SELECT *
  FROM {{ ref('int_plan_limits') }}
  WHERE simulation_year = {{ var('simulation_year') }}
),

-- IRC 415(c): the dollar limit or all pay; catch-up is outside
measured AS (
  SELECT
    topped_up.*,
    topped_up.withdrawn_this_year
    + CASE WHEN topped_up.second_kind = 'opt_out' AND topped_up.automatic_start < {{ year_start() }}
        THEN topped_up.prior_year_deferrals ELSE 0 END AS withdrawn_deferrals,
    topped_up.withdrawn_match_this_year
    + CASE WHEN topped_up.second_kind = 'opt_out' AND topped_up.automatic_start < {{ year_start() }}
        THEN topped_up.prior_year_match ELSE 0 END AS withdrawn_match,
    -- money that lost value since the enrollment cannot be taken out in full; gains stay in the account
    CASE
      WHEN topped_up.second_kind = 'opt_out' THEN CAST(LEAST(1, ROUND(POWER(
        1 + CAST(settings.plan__balances__annual_return AS DOUBLE),
        DATE_DIFF('day', topped_up.automatic_start, topped_up.second_date) / CAST(365 AS DOUBLE)
      ), 6)) AS DECIMAL(9, 6))
      ELSE 1
    END AS value_left,
    LEAST(CAST(limits.annual_additions_limit AS DECIMAL(18, 2)), topped_up.total_compensation) AS annual_additions_limit,
    topped_up.employee_pre_tax + topped_up.employee_roth AS regular,
    -- what was withdrawn counts as an addition, but cannot be returned once more
    GREATEST(0, topped_up.employee_pre_tax + topped_up.employee_roth - topped_up.withdrawn_this_year) AS returnable,
    topped_up.catch_up_room - topped_up.employee_catch_up - topped_up.employee_roth_catch_up AS room_before,
    topped_up.employer_match + topped_up.employer_match_true_up AS all_match,
    GREATEST(0, all_match - topped_up.withdrawn_match_this_year) AS forfeitable_match,
    topped_up.employer_nonelective + topped_up.employer_profit_sharing + topped_up.forfeiture_allocation AS other_money,
    LEAST(topped_up.match_pay, topped_up.compensation_limit) AS match_compensation,
    {{ deferrals_earning('forfeitable_match', 'match_compensation', 'topped_up.tiers') }} AS matched_deferrals,
    -- what could be returned without match being lost; catch-up stays, so what it earns stays too
    GREATEST(
      0,
      returnable
      + CASE
        WHEN settings.plan__match__on_catch_up THEN topped_up.employee_catch_up + topped_up.employee_roth_catch_up
        ELSE 0
      END
      - matched_deferrals
    ) AS unmatched
  FROM ({{ topped_up_money() }}) AS topped_up
  CROSS JOIN limits
  CROSS JOIN settings
),

-- the order of correction (Rev. Proc. 2021-30): recharacterize as catch-up, return unmatched deferrals, return matched
-- deferrals and forfeit the match they earned, the last dollars first, and only then reduce other employer money
first_step AS (
  SELECT
    measured.*,
    GREATEST(0, regular + all_match + other_money - annual_additions_limit) AS excess,
    LEAST(excess, room_before, returnable) AS recharacterized,
    -- IRC 414(v)(7): where catch-up must be Roth, Roth deferrals of the year count first (26 CFR 1.414(v)-2)
    CASE
      WHEN must_catch_up_roth THEN GREATEST(0, recharacterized - employee_roth)
      ELSE LEAST(recharacterized, employee_pre_tax)
    END AS recharacterized_pre_tax,
    LEAST(excess - recharacterized, unmatched, returnable - recharacterized) AS unmatched_refund
  FROM measured
),

second_step AS (
  SELECT
    first_step.*,
    returnable - recharacterized - unmatched_refund AS returnable_matched,
    -- the match of deferrals that stay as catch-up is the last to go
    GREATEST(
      excess - recharacterized - unmatched_refund - other_money,
      CASE
        WHEN returnable_matched > 0 THEN LEAST(
          excess - recharacterized - unmatched_refund,
          returnable_matched + GREATEST(0, forfeitable_match - {{ match_amount(
            'GREATEST(0, matched_deferrals - returnable_matched)', 'match_compensation', 'tiers'
          ) }})
        )
        ELSE 0
      END
    ) AS matched_excess
  FROM first_step
),

third_step AS (
  SELECT
    second_step.*,
    CASE
      WHEN matched_excess > 0 THEN LEAST(returnable_matched, GREATEST(0, matched_deferrals - {{ deferrals_earning(
        'GREATEST(0, matched_deferrals + forfeitable_match - matched_excess)', 'match_compensation', 'tiers', kept=1
      ) }}))
      ELSE 0
    END AS matched_refund,
    excess - recharacterized - unmatched_refund - matched_excess AS other_reduction
  FROM second_step
),

-- what is left comes off profit sharing, then the allocation of forfeitures, then nonelective money
reduced AS (
  SELECT
    third_step.*,
    LEAST(other_reduction, employer_profit_sharing) AS profit_sharing_reduction,
    LEAST(other_reduction - profit_sharing_reduction, forfeiture_allocation) AS allocation_reduction,
    other_reduction - profit_sharing_reduction - allocation_reduction AS nonelective_reduction,
    unmatched_refund + matched_refund AS refund,
    GREATEST(0, employee_pre_tax - recharacterized_pre_tax - withdrawn_this_year) AS refundable_pre_tax,
    refund - LEAST(refund, refundable_pre_tax) AS roth_refund
  FROM third_step
)

SELECT
  employee_id,
  NOT earns_employer_money AS is_long_term_part_time,
  last_date AS posting_date,
  {% for column in [
    'plan_compensation', 'capped_compensation', 'total_compensation', 'employee_pre_tax', 'employee_roth',
    'employee_catch_up', 'employee_roth_catch_up', 'employer_match', 'employer_match_true_up'
  ] %}
  CAST({{ column }} AS DECIMAL(18, 2)) AS {{ column }},
  {% endfor %}
  CAST(payroll_match AS DECIMAL(18, 2)) AS payroll_match,
  CAST(employer_nonelective - nonelective_reduction AS DECIMAL(18, 2)) AS employer_nonelective,
  CAST(employer_profit_sharing - profit_sharing_reduction AS DECIMAL(18, 2)) AS employer_profit_sharing,
  CAST(forfeiture_allocation - allocation_reduction AS DECIMAL(18, 2)) AS forfeiture_allocation,
  CAST({{ share_of('withdrawn_deferrals', 'value_left') }} AS DECIMAL(18, 2)) AS withdrawn_deferrals,
  CAST({{ share_of('withdrawn_match', 'value_left') }} AS DECIMAL(18, 2)) AS withdrawn_match,
  -- IRC 414(w)(3): permissible withdrawals and their match are outside the tests
  CAST(GREATEST(0, regular - withdrawn_this_year - recharacterized - unmatched_refund - matched_refund) AS DECIMAL(18, 2))
    AS regular_deferrals,
  CAST(LEAST(unmatched - unmatched_refund, returnable_matched - matched_refund) AS DECIMAL(18, 2)) AS unmatched_deferrals,
  CAST(GREATEST(0, matched_deferrals - matched_refund) AS DECIMAL(18, 2)) AS matched_deferrals,
  CAST(match_compensation AS DECIMAL(18, 2)) AS match_compensation,
  tiers AS match_tiers,
  CAST(GREATEST(
    0,
    regular + employee_catch_up + employee_roth_catch_up - withdrawn_this_year - unmatched_refund - matched_refund
  ) AS DECIMAL(18, 2)) AS elective_deferrals,
  CAST(match_at_six_percent AS DECIMAL(18, 2)) AS match_at_six_percent,
  CAST(GREATEST(0, all_match - withdrawn_match_this_year - (matched_excess - matched_refund)) AS DECIMAL(18, 2))
    AS testing_match,
  CAST(LEAST(
    room_before - recharacterized,
    CASE
      WHEN must_catch_up_roth THEN employee_roth - (recharacterized - recharacterized_pre_tax) - roth_refund
    END
  ) AS DECIMAL(18, 2)) AS catch_up_room_left,
  CAST(annual_additions_limit AS DECIMAL(18, 2)) AS annual_additions_limit,
  CAST(regular + all_match + other_money AS DECIMAL(18, 2)) AS annual_additions_before_limit,
  CAST(regular + all_match + other_money - excess AS DECIMAL(18, 2)) AS annual_additions,
  CAST(recharacterized AS DECIMAL(18, 2)) AS recharacterized_as_catch_up,
  CAST(recharacterized_pre_tax AS DECIMAL(18, 2)) AS recharacterized_pre_tax,
  CAST(refund - roth_refund AS DECIMAL(18, 2)) AS excess_pre_tax_refund,
  CAST(roth_refund AS DECIMAL(18, 2)) AS excess_roth_refund,
  CAST(matched_excess - matched_refund AS DECIMAL(18, 2)) AS excess_match_forfeiture
FROM reduced
ORDER BY employee_id
