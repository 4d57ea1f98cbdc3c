{#
  Accounts of a participant and their unit prices. P(d) = (1 + annual return) ^ (day of the year / days in the year),
  rounded to 12 decimals, P(31 December before) = 1. A flow on day t moves amount / P(t) units; the balance of day d is
  units x P(d), cents half-up. Prices are whole numbers of 10^-12, units whole numbers of 10^-6 cents, so every sum is
  exact and the same on any number of threads.
#}

{# The account a contribution source is paid into. #}
{% macro account_of(source) -%}
  CASE {{ source }}
    WHEN 'employee_catch_up' THEN 'employee_pre_tax'
    WHEN 'employee_roth_catch_up' THEN 'employee_roth'
    WHEN 'employer_match_true_up' THEN 'employer_match'
    WHEN 'forfeiture_allocation' THEN 'employer_profit_sharing'
    ELSE {{ source }}
  END
{%- endmacro %}

{# Price of a day by its number in the year; reads a relation named settings. #}
{% macro unit_price(day_number, days_in_year) -%}
  CAST(ROUND(
    POWER(
      1 + CAST(settings.plan__balances__annual_return AS DOUBLE),
      CAST({{ day_number }} AS DOUBLE) / CAST({{ days_in_year }} AS DOUBLE)
    ) * 1e12
  ) AS BIGINT)
{%- endmacro %}

{# Price of every day from 31 December of the year before to 31 December; reads a relation named settings. #}
{% macro unit_prices() %}
  SELECT
    {{ year_start() }} - 1 + CAST(days.day_number AS INTEGER) AS price_date,
    {{ unit_price('days.day_number', days_in_year()) }} AS price
  FROM RANGE(0, {{ days_in_year() }} + 1) AS days (day_number)
  CROSS JOIN settings
{% endmacro %}

{#
  Units that whole cents buy: cents x 10^18 / price, half-up, as a long division in steps of 10^6, because 128-bit
  division costs 15 times as much. Cents are not negative and below 10^12.
#}
{% macro units_of_cents(cents, price) -%}
  (
    ({{ cents }} * 1000000 // {{ price }}) * 1000000000000
    + (({{ cents }} * 1000000 % {{ price }}) * 1000000 // {{ price }}) * 1000000
    + ((({{ cents }} * 1000000 % {{ price }}) * 1000000 % {{ price }}) * 1000000 + {{ price }} // 2) // {{ price }}
  )
{%- endmacro %}

{# Units an amount buys; the amount is not negative. #}
{% macro units_of(amount, price) -%} {{ units_of_cents(cents(amount), price) }} {%- endmacro %}

{# Units at the opening of the year, when the price is 1. #}
{% macro opening_units(amount) -%} {{ cents(amount) }} * 1000000 {%- endmacro %}

{# Whole cents that units are worth: units x price / 10^18, half-up, both factors split at 10^6 to stay in 64 bits. #}
{% macro cents_of_units(units, price) -%}
  (
    ({{ units }} // 1000000) * ({{ price }} // 1000000) // 1000000
    + (
      ({{ units }} // 1000000) * ({{ price }} // 1000000) % 1000000 * 1000000
      + ({{ units }} // 1000000) * ({{ price }} % 1000000)
      + ({{ units }} % 1000000) * ({{ price }} // 1000000)
      + ({{ units }} % 1000000) * ({{ price }} % 1000000) // 1000000
      + 500000000000
    ) // 1000000000000
  )
{%- endmacro %}

{# Whole cents of a vested balance, half-up; the share is a DECIMAL(9,6). #}
{% macro vested_cents(balance_cents, share) -%}
  (({{ balance_cents }} * CAST({{ share }} * 1000000 AS BIGINT) + 500000) // 1000000)
{%- endmacro %}

{# The vested share of an account from a row of int_vesting; employee money is always vested. #}
{% macro vested_share_of(account, vesting, prefix='') -%}
  CASE {{ account }}
    WHEN 'employer_match' THEN {{ vesting }}.{{ prefix }}match_share
    WHEN 'employer_nonelective' THEN {{ vesting }}.{{ prefix }}nonelective_share
    WHEN 'employer_profit_sharing' THEN {{ vesting }}.{{ prefix }}profit_sharing_share
    ELSE CAST(1 AS DECIMAL(9, 6))
  END
{%- endmacro %}

{# Balances that open the year, by account: the census in the first year, last year's closing balances afterwards. #}
{% macro opening_accounts() %}
  {{- reads_year_before('fct_participant_accounts') }}
  {%- if is_first_year() %}
  SELECT
    employee_id,
    'employee_pre_tax' AS account,
    CAST(account_balance_employee AS DECIMAL(18, 2)) AS opening_balance,
    CAST(NULL AS DECIMAL(9, 6)) AS frozen_share,
    CAST(NULL AS DATE) AS distribution_date,
    CAST(NULL AS VARCHAR) AS distribution_reason
  FROM {{ ref('stg_census_data') }}
  WHERE account_balance_employee > 0
  UNION ALL
  SELECT
    employee_id,
    'employer_match' AS account,
    CAST(account_balance_employer AS DECIMAL(18, 2)) AS opening_balance,
    CAST(NULL AS DECIMAL(9, 6)) AS frozen_share,
    CAST(NULL AS DATE) AS distribution_date,
    CAST(NULL AS VARCHAR) AS distribution_reason
  FROM {{ ref('stg_census_data') }}
  WHERE account_balance_employer > 0
  {%- else %}
  SELECT
    employee_id,
    account,
    CAST(closing_balance AS DECIMAL(18, 2)) AS opening_balance,
    CASE WHEN termination_date IS NOT NULL THEN vested_share END AS frozen_share,
    distribution_date,
    distribution_reason
  FROM {{ source('previous_year', 'fct_participant_accounts') }}
  WHERE simulation_year = {{ var('simulation_year') }} - 1
    AND closing_balance > 0
  {%- endif %}
{% endmacro %}

{# True for the events that pay out or forfeit everything an account held. #}
{% macro empties_account(event_type, reason) -%}
  (
    {{ event_type }} = 'distribution' AND {{ reason }} IN ('termination', 'cash_out')
    OR {{ event_type }} = 'forfeiture' AND {{ reason }} = 'unvested_termination'
  )
{%- endmacro %}

{#
  This year's events that move money of an account, one row each, in whole cents, with the units they move; reads a
  relation named prices. `people`: a relation of employee_id that the events are limited to.
#}
{% macro account_flows(people=none) %}
  SELECT
    flows.employee_id,
    flows.account,
    flows.effective_date AS flow_date,
    CASE WHEN flows.event_type = 'contribution' THEN flows.cents ELSE 0 END AS contribution,
    CASE WHEN flows.event_type = 'forfeiture' THEN flows.cents ELSE 0 END AS forfeiture,
    CASE WHEN flows.event_type = 'distribution' THEN flows.cents ELSE 0 END AS distribution,
    CASE WHEN flows.event_type = 'contribution' THEN 1 ELSE -1 END * {{ units_of_cents('flows.cents', 'prices.price') }} AS units,
    flows.is_emptied
  FROM (
    SELECT
      employee_id,
      {{ account_of('source') }} AS account,
      effective_date,
      event_type,
      {{ cents('amount') }} AS cents,
      COALESCE({{ empties_account('event_type', 'reason') }}, FALSE) AS is_emptied
    FROM {{ ref('fct_yearly_events') }}
    WHERE simulation_year = {{ var('simulation_year') }}
      AND event_type IN ('contribution', 'distribution', 'forfeiture')
      {%- if people is not none %}
      AND employee_id IN (SELECT employee_id FROM {{ people }})
      {%- endif %}
  ) AS flows
  INNER JOIN prices
    ON flows.effective_date = prices.price_date
{% endmacro %}

{# Fridays of the year before a day, which is 31 December of the year before at the earliest. #}
{% macro fridays_before(day) -%}
  CAST(GREATEST((DATE_DIFF('day', {{ year_start() }}, {{ day }}) + DAYOFWEEK({{ year_start() }}) + 1) // 7 - (DAYOFWEEK({{ year_start() }}) + 1) // 7, 0) AS INTEGER)
{%- endmacro %}

{# Whole cents, below 10^12, as DECIMAL(18,6) in one multiplication. #}
{% macro money_of_cents(amount) -%}
  CAST({{ amount }} AS DECIMAL(12, 0)) * CAST(0.01 AS DECIMAL(6, 6))
{%- endmacro %}
