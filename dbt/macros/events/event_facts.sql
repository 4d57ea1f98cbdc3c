{# What the branches of the event log read, as CTEs of the writer and of the views that show one branch. #}
{% macro event_facts() %}
settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

parameters AS (
  SELECT *
  FROM {{ ref('int_effective_parameters') }}
  WHERE simulation_year = {{ var('simulation_year') }}
),

people AS (
  SELECT *
  FROM {{ ref('int_person_year') }}
),

former_participants AS (
  SELECT *
  FROM {{ ref('int_former_participants') }}
),

plan_year AS (
  SELECT *
  FROM {{ ref('int_plan_year') }}
),

plan_money AS (
  SELECT *
  FROM {{ ref('int_plan_money') }}
),

vesting AS (
  SELECT *
  FROM {{ ref('int_vesting') }}
),

leaver_accounts AS (
  SELECT *
  FROM {{ ref('int_leaver_accounts') }}
),

contributions AS (
  {{ contributions() }}
),

corrections AS (
  {{ corrections_by_person() }}
)
{%- endmacro %}

{# One branch as it is before the writer adds context, order and text. #}
{% macro event_branch(branch) %}
WITH {{ event_facts() }}

SELECT *
FROM ({{ branch }})
ORDER BY employee_id, effective_date, sort_rank
{% endmacro %}
