{#
  The CTEs that the tests and their corrections stand on: the tested people, their ratios and the levelled excess, ADP
  first, then ACP on the match that the ADP refunds leave.
#}
{% macro tested_ratios() %}
settings AS (
  SELECT *
  FROM {{ source('inputs', 'settings') }}
),

participants AS (
  {{ tested_participants() }}
),

previous_averages AS (
  {{ previous_averages() }}
),

adp_ratios AS (
  {{ participant_ratios('participants', 'deferral_cents') }}
),

adp AS (
  {{ ratio_test('adp', 'adp_ratios') }}
),

adp_levelled AS (
  {{ ratio_levelling('adp_ratios', 'adp') }}
),

adp_corrections AS (
  {{ adp_corrections('adp_levelled', 'participants') }}
),

matched AS (
  {{ matched_participants('participants', 'adp_corrections') }}
),

acp_ratios AS (
  {{ participant_ratios('matched', 'match_cents') }}
),

acp AS (
  {{ ratio_test('acp', 'acp_ratios') }}
),

acp_levelled AS (
  {{ ratio_levelling('acp_ratios', 'acp') }}
)
{% endmacro %}
