{#
  What each person is paid and forfeits: what is owed, as far as the account still holds it. Gains stay in the account,
  and a loss that has eaten into the amount reduces it. Annual additions are returned first, on the last day of
  employment; the tests are corrected at the end of the year, ADP before ACP, out of what is left then. Expects the CTEs
  plan_year, plan_money, leaver_accounts and contributions.
#}
{% macro corrections_by_person() %}
  WITH prices AS (
    {{ unit_prices() }}
  ),

  owed AS (
    {{ corrections_owed() }}
  ),

  opened AS (
    SELECT
      owed.*,
      units.* EXCLUDE (employee_id),
      at_exit.price AS exit_price,
      at_year_end.price AS year_end_price,
      {{ worth('pre_tax_units', 'exit_price') }} AS pre_tax_held,
      {{ worth('roth_units', 'exit_price') }} AS roth_held,
      {{ worth('match_units', 'exit_price') }} AS match_held
    FROM owed
    INNER JOIN ({{ units_for_corrections('owed') }}) AS units
      ON owed.employee_id = units.employee_id
    INNER JOIN prices AS at_exit
      ON owed.posting_date = at_exit.price_date
    INNER JOIN prices AS at_year_end
      ON at_year_end.price_date = {{ year_end() }}
  ),

  returned AS (
    SELECT
      *,
      LEAST(pre_tax_addition_owed, pre_tax_held) AS pre_tax_addition,
      LEAST(roth_addition_owed, roth_held) AS roth_addition,
      LEAST(addition_forfeiture_owed, match_held) AS addition_forfeiture,
      {{ worth('pre_tax_units - ' ~ units_of('pre_tax_addition', 'exit_price'), 'year_end_price') }} AS pre_tax_left,
      {{ worth('roth_units - ' ~ units_of('roth_addition', 'exit_price'), 'year_end_price') }} AS roth_left,
      {{ worth('match_units - ' ~ units_of('addition_forfeiture', 'exit_price'), 'year_end_price') }} AS match_left
    FROM opened
  )

  SELECT
    employee_id,
    posting_date,
    match_held,
    pre_tax_addition,
    roth_addition,
    addition_forfeiture,
    match_left,
    LEAST(contribution_refund, refundable_pre_tax) AS pre_tax_owed,
    LEAST(pre_tax_owed, pre_tax_left) AS pre_tax_contribution,
    LEAST(contribution_refund - pre_tax_owed, roth_left) AS roth_contribution,
    LEAST(adp_forfeiture_owed, match_left) AS adp_forfeiture,
    LEAST(match_refund_owed, match_left - adp_forfeiture) AS match_refund,
    LEAST(acp_forfeiture_owed, match_left - adp_forfeiture - match_refund) AS acp_forfeiture
  FROM returned
{% endmacro %}

{# What units are worth at a price, dollars; rounding may have paid out a fraction of a unit more than there was. #}
{% macro worth(units, price) -%}
  CAST({{ from_cents(cents_of_units('CAST(GREATEST(0, ' ~ units ~ ') AS BIGINT)', price)) }} AS DECIMAL(18, 2))
{%- endmacro %}

{#
  What is owed to each person; refundable_pre_tax: the pre-tax deferrals a refund can come from. The tests of a year are
  made at its end: of those who left they correct the accounts from which nothing has been paid out or forfeited.
#}
{% macro corrections_owed() %}
  SELECT
    plan_money.employee_id,
    plan_money.posting_date,
    plan_money.excess_pre_tax_refund AS pre_tax_addition_owed,
    plan_money.excess_roth_refund AS roth_addition_owed,
    plan_money.excess_match_forfeiture AS addition_forfeiture_owed,
    GREATEST(
      0,
      plan_money.employee_pre_tax
      - plan_money.recharacterized_pre_tax
      - plan_money.withdrawn_deferrals
      - plan_money.excess_pre_tax_refund
    ) AS refundable_pre_tax,
    CAST(COALESCE(adp.refund_amount, 0) AS DECIMAL(18, 2)) AS contribution_refund,
    CAST(COALESCE(acp.refund_amount, 0) AS DECIMAL(18, 2)) AS match_refund_owed,
    CAST(COALESCE(adp.forfeited_match, 0) AS DECIMAL(18, 2)) AS adp_forfeiture_owed,
    CAST(COALESCE(acp.forfeited_match, 0) AS DECIMAL(18, 2)) AS acp_forfeiture_owed
  FROM plan_money
  INNER JOIN plan_year
    ON plan_money.employee_id = plan_year.employee_id
  LEFT JOIN (
    SELECT DISTINCT employee_id
    FROM leaver_accounts
    WHERE event_date IS NOT NULL
  ) AS settled
    ON plan_money.employee_id = settled.employee_id
  {% for test in ['adp', 'acp'] %}
  LEFT JOIN {{ ref('fct_compliance_corrections') }} AS {{ test }}
    ON plan_money.employee_id = {{ test }}.employee_id
    AND {{ test }}.test = '{{ test }}'
    AND {{ test }}.simulation_year = {{ var('simulation_year') }}
    AND (plan_year.exit_date IS NULL OR settled.employee_id IS NULL)
  {% endfor %}
  WHERE plan_money.excess_pre_tax_refund > 0
    OR plan_money.excess_roth_refund > 0
    OR plan_money.excess_match_forfeiture > 0
    OR adp.employee_id IS NOT NULL
    OR acp.employee_id IS NOT NULL
{% endmacro %}

{# Units of the accounts that corrections come out of, before them; expects prices; owed: people of corrections_owed(). #}
{% macro units_for_corrections(owed) %}
  WITH opening AS (
    {{ opening_accounts() }}
  ),

  dated_amounts AS (
    SELECT
      contributions.employee_id,
      contributions.pay_date AS flow_date,
      {{ account_of('contributions.source') }} AS account,
      contributions.amount,
      1 AS direction
    FROM contributions
    SEMI JOIN {{ owed }} AS owed
      ON contributions.employee_id = owed.employee_id
    UNION ALL
    SELECT
      plan_money.employee_id,
      plan_year.second_date AS flow_date,
      UNNEST(['employee_pre_tax', 'employer_match']) AS account,
      UNNEST([plan_money.withdrawn_deferrals, plan_money.withdrawn_match]) AS amount,
      -1 AS direction
    FROM plan_money
    INNER JOIN plan_year
      ON plan_money.employee_id = plan_year.employee_id
    SEMI JOIN {{ owed }} AS owed
      ON plan_money.employee_id = owed.employee_id
    WHERE plan_money.withdrawn_deferrals > 0
  ),

  flows AS (
    SELECT
      dated_amounts.employee_id,
      dated_amounts.account,
      dated_amounts.direction * {{ units_of('dated_amounts.amount', 'prices.price') }} AS units
    FROM dated_amounts
    INNER JOIN prices
      ON dated_amounts.flow_date = prices.price_date
    UNION ALL
    SELECT
      opening.employee_id,
      opening.account,
      {{ opening_units('opening.opening_balance') }} AS units
    FROM opening
    SEMI JOIN {{ owed }} AS owed
      ON opening.employee_id = owed.employee_id
  )

  SELECT
    employee_id,
    COALESCE(SUM(units) FILTER (WHERE account = 'employee_pre_tax'), 0) AS pre_tax_units,
    COALESCE(SUM(units) FILTER (WHERE account = 'employee_roth'), 0) AS roth_units,
    COALESCE(SUM(units) FILTER (WHERE account = 'employer_match'), 0) AS match_units
  FROM flows
  GROUP BY employee_id
{% endmacro %}
