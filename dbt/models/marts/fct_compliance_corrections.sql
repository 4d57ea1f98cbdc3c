-- who gives back how much after a failed ADP or ACP test, in the order of the law: ADP first, then ACP without the
-- match that the ADP refunds forfeit
WITH {{ tested_ratios() }},

acp_corrections AS (
  {{ acp_corrections('acp_levelled', 'participants') }}
),

corrections AS (
  SELECT
    'adp' AS test,
    *
  FROM adp_corrections
  UNION ALL
  SELECT
    'acp' AS test,
    *
  FROM acp_corrections
)

SELECT
  settings.scenario_id,
  settings.plan_design_id,
  {{ var('simulation_year') }} AS simulation_year,
  {{ var('simulation_year') }} AS plan_year,
  corrections.test,
  corrections.employee_id,
  {{ year_end() }} AS posting_date,
  {{ money(from_cents('corrections.tested_cents')) }} AS tested_amount,
  {{ money(from_cents('corrections.levelled_cents')) }} AS levelled_amount,
  {{ money(from_cents('corrections.excess_cents')) }} AS excess_amount,
  {{ money(from_cents('corrections.recharacterized_cents')) }} AS recharacterized_as_catch_up,
  {{ money(from_cents('corrections.refund_cents')) }} AS refund_amount,
  {{ money(from_cents('corrections.forfeited_cents')) }} AS forfeited_match
FROM corrections
CROSS JOIN settings
WHERE corrections.levelled_cents > 0
  OR corrections.excess_cents > 0
ORDER BY corrections.test, corrections.employee_id
