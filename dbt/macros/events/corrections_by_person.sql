{#
  What each person is paid and forfeits: what is owed, as far as the account still holds it. Gains stay in the account,
  and a loss that has eaten into the amount reduces it.
#}
{% macro corrections_by_person() %}
  WITH owed AS (
    {{ corrections_owed() }}
  ),

  held AS (
    {{ held_for_corrections('owed') }}
  )

  SELECT
    owed.employee_id,
    owed.posting_date,
    held.match_held,
    LEAST(owed.pre_tax_addition, held.pre_tax_held) AS pre_tax_addition,
    LEAST(owed.roth_addition, held.roth_held) AS roth_addition,
    LEAST(owed.contribution_refund, owed.pre_tax_left) AS pre_tax_owed,
    LEAST(pre_tax_owed, held.pre_tax_held - LEAST(owed.pre_tax_addition, held.pre_tax_held)) AS pre_tax_contribution,
    LEAST(
      owed.contribution_refund - pre_tax_owed, held.roth_held - LEAST(owed.roth_addition, held.roth_held)
    ) AS roth_contribution,
    LEAST(owed.match_refund, held.match_held) AS match_refund,
    LEAST(owed.addition_forfeiture, held.match_held - LEAST(owed.match_refund, held.match_held)) AS addition_forfeiture,
    LEAST(
      owed.test_forfeiture,
      GREATEST(0, held.match_held - owed.match_refund - owed.addition_forfeiture)
    ) AS test_forfeiture
  FROM owed
  INNER JOIN held
    ON owed.employee_id = held.employee_id
{% endmacro %}

{#
  What is owed to each person; pre_tax_left: the pre-tax deferrals a refund can come from. The tests of a year are made
  at its end: of those who left they correct the accounts from which nothing has been paid out, returned or forfeited.
#}
{% macro corrections_owed() %}
  SELECT
    plan_money.employee_id,
    CASE
      WHEN adp.employee_id IS NULL AND acp.employee_id IS NULL THEN plan_money.posting_date
      ELSE {{ year_end() }}
    END AS posting_date,
    plan_money.excess_pre_tax_refund AS pre_tax_addition,
    plan_money.excess_roth_refund AS roth_addition,
    GREATEST(
      0,
      plan_money.employee_pre_tax
      - plan_money.recharacterized_pre_tax
      - plan_money.withdrawn_deferrals
      - plan_money.excess_pre_tax_refund
    ) AS pre_tax_left,
    plan_money.excess_match_forfeiture AS addition_forfeiture,
    CAST(COALESCE(adp.refund_amount, 0) AS DECIMAL(18, 2)) AS contribution_refund,
    CAST(COALESCE(acp.refund_amount, 0) AS DECIMAL(18, 2)) AS match_refund,
    CAST(COALESCE(adp.forfeited_match, 0) + COALESCE(acp.forfeited_match, 0) AS DECIMAL(18, 2)) AS test_forfeiture
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
    AND (
      plan_year.exit_date IS NULL
      OR settled.employee_id IS NULL
      AND plan_money.excess_pre_tax_refund + plan_money.excess_roth_refund + plan_money.excess_match_forfeiture = 0
    )
  {% endfor %}
  WHERE plan_money.excess_pre_tax_refund > 0
    OR plan_money.excess_roth_refund > 0
    OR plan_money.excess_match_forfeiture > 0
    OR adp.employee_id IS NOT NULL
    OR acp.employee_id IS NOT NULL
{% endmacro %}

{# Balances of the posting date that corrections come out of, before them; owed: people of corrections_owed(). #}
{% macro held_for_corrections(owed) %}
  WITH prices AS (
    {{ unit_prices() }}
  ),

  opening AS (
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
  ),

  totals AS (
    SELECT
      employee_id,
      CAST(GREATEST(0, SUM(units) FILTER (WHERE account = 'employee_pre_tax')) AS BIGINT) AS pre_tax_units,
      CAST(GREATEST(0, SUM(units) FILTER (WHERE account = 'employee_roth')) AS BIGINT) AS roth_units,
      CAST(GREATEST(0, SUM(units) FILTER (WHERE account = 'employer_match')) AS BIGINT) AS match_units
    FROM flows
    GROUP BY employee_id
  )

  SELECT
    totals.employee_id,
    {%- for account in ['pre_tax', 'roth', 'match'] %}
    CAST({{ from_cents(cents_of_units('totals.' ~ account ~ '_units', 'prices.price')) }} AS DECIMAL(18, 2))
      AS {{ account }}_held
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
  FROM totals
  INNER JOIN {{ owed }} AS owed
    ON totals.employee_id = owed.employee_id
  INNER JOIN prices
    ON owed.posting_date = prices.price_date
{% endmacro %}
