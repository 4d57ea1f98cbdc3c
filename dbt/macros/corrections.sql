{# Corrections after the tests of nondiscrimination.sql; the same columns for both tests, money in whole cents. #}

{#
  ADP: the excess becomes catch-up as far as there is room (26 CFR 1.414(v)-1(d)(2)), the rest is refunded. Form W-2 is out
  by then, so where catch-up must be Roth only Roth deferrals become it (1.414(v)-2(c)): no account changes. Match
  related to refunded deferrals is forfeited (IRC 411(a)(3)(G)), and where catch-up is not matched, also that of deferrals
  that become it (26 CFR 1.414(v)-1(d)(2)(iii)). Unmatched deferrals go first; of the match stays what the formula gives
  on the deferrals that stay.
#}
{% macro adp_corrections(levelled, participants) %}
  WITH excess AS (
    {{ dollar_levelling(levelled) }}
  ),

  divided AS (
    SELECT
      excess.*,
      participants.match_cents,
      participants.unmatched_cents,
      participants.matched_deferrals,
      participants.match_compensation,
      participants.match_tiers,
      LEAST(excess.excess_cents, CAST({{ cents('participants.catch_up_room_left') }} AS HUGEINT)) AS recharacterized_cents,
      excess.excess_cents - recharacterized_cents AS refund_cents,
      CASE WHEN settings.plan__match__on_catch_up THEN refund_cents ELSE excess.excess_cents END AS unearned_cents
    FROM excess
    INNER JOIN {{ participants }} AS participants
      ON excess.employee_id = participants.employee_id
    CROSS JOIN settings
  )

  SELECT
    employee_id,
    tested_cents,
    levelled_cents,
    excess_cents,
    recharacterized_cents,
    refund_cents,
    CASE
      WHEN unearned_cents > unmatched_cents THEN GREATEST(0, match_cents - {{ cents(match_amount(
        'GREATEST(0, matched_deferrals - ' ~ from_cents('unearned_cents - unmatched_cents') ~ ')',
        'match_compensation',
        'match_tiers'
      )) }})
      ELSE 0
    END AS forfeited_cents
  FROM divided
{% endmacro %}

{#
  ACP: the vested part of the excess match is paid out, the rest is forfeited (IRC 401(m)(6)(A), 411(a)(3)(G)).
#}
{% macro acp_corrections(levelled, participants) %}
  WITH excess AS (
    {{ dollar_levelling(levelled) }}
  )

  SELECT
    excess.employee_id,
    excess.tested_cents,
    excess.levelled_cents,
    excess.excess_cents,
    CAST(0 AS HUGEINT) AS recharacterized_cents,
    (excess.excess_cents * CAST(vesting.match_share * 1000000 AS HUGEINT) + 500000) // 1000000 AS refund_cents,
    excess.excess_cents - refund_cents AS forfeited_cents
  FROM excess
  INNER JOIN {{ participants }} AS participants
    ON excess.employee_id = participants.employee_id
  INNER JOIN {{ ref('int_vesting') }} AS vesting
    ON excess.employee_id = vesting.employee_id
{% endmacro %}
