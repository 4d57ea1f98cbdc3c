-- the deferral rate in order of date, with the draws and the probabilities that they met
WITH decisions AS (
  SELECT
    elections.* EXCLUDE (roth_share),
    plan_year.roth_share,
    settings.*
  FROM election_decisions AS elections
  INNER JOIN int_plan_year AS plan_year
    ON elections.employee_id = plan_year.employee_id
  CROSS JOIN inputs.settings AS settings
  WHERE elections.employee_id = GETVARIABLE('employee_id')
    AND elections.plan_entry_date IS NOT NULL
)

SELECT
  steps.text,
  NULL AS amount
FROM decisions
CROSS JOIN LATERAL (
  VALUES
  (
    1,
    CASE
      WHEN opening_deferral_rate > 0 THEN FORMAT(
        'deferred {} of pay at the opening, enrolled {} ({})',
        PERCENT(opening_deferral_rate), enrollment_date, enrollment_method
      )
      WHEN enrollment_date IS NOT NULL
        THEN FORMAT('deferred nothing at the opening, enrolled {} ({}) and stopped', enrollment_date, enrollment_method)
      ELSE 'had no election at the opening'
    END
  ),
  (2, IF(behavior__frozen, 'elections are frozen by behavior.frozen: nothing is drawn', NULL)),
  (
    3,
    CASE
      WHEN NOT is_free OR opening_deferral_rate > 0 OR first_kind = 'census' THEN NULL
      WHEN is_covered THEN FORMAT(
        'automatic enrollment covers this person; participation drawn {:.4f} against {:.4f}{}',
        participation_draw, automatic_participation,
        IF(first_kind = 'voluntary', ': elects a rate of his own', '')
      )
      ELSE FORMAT(
        'participation drawn {:.4f}; probability {:.4f} of joining by choice, {:.4f} under automatic enrollment',
        participation_draw, voluntary_participation, automatic_participation
      )
    END
  ),
  (
    4,
    FORMAT(
      '{}: {} at {} of pay',
      first_date,
      CASE first_kind
        WHEN 'escalation' THEN FORMAT(
          'automatic increase by {} up to {}, accepted with probability {}',
          PERCENT(plan__escalation__step), PERCENT(plan__escalation__cap), PERCENT(behavior__escalation_acceptance_rate)
        )
        WHEN 'census' THEN 'election of the census'
        WHEN 'opening' THEN 'election taken to stand at the opening'
        WHEN 'voluntary' THEN 'enrolled by choice'
        WHEN 'auto' THEN FORMAT('enrolled automatically after {} days', plan__automatic_enrollment__wait_days)
        WHEN 'late' THEN 'enrolled by choice, later than entry'
      END,
      PERCENT(first_rate)
    )
  ),
  (
    5,
    CASE
      WHEN is_escalation_due AND opening_deferral_rate > 0 AND first_kind IS NULL
        THEN FORMAT(
          'an automatic increase was due, but {}',
          CASE
            WHEN NOT plan__escalation__enabled THEN 'the plan has none'
            WHEN opening_deferral_rate >= plan__escalation__cap THEN FORMAT('the cap is {}', PERCENT(plan__escalation__cap))
            ELSE FORMAT('declined (accepted with probability {})', PERCENT(behavior__escalation_acceptance_rate))
          END
        )
    END
  ),
  (
    6,
    FORMAT(
      '{}: {}, {} of pay from then on',
      second_date,
      IF(second_kind = 'opt_out', 'opted out within the window', second_kind || ' of the rate'),
      PERCENT(second_rate)
    )
  ),
  (
    7,
    CASE
      WHEN is_free AND opening_deferral_rate > 0 AND second_kind IS DISTINCT FROM 'opt_out' THEN FORMAT(
        'changes drawn {:.4f}; yearly rates of stopping {}, lowering {}, raising {}, each x {:.3f} for pay, age and tenure',
        change_draw, PERCENT(behavior__stop_rate), PERCENT(behavior__decrease_rate), PERCENT(behavior__increase_rate),
        change_multiplier
      )
    END
  ),
  (8, IF(roth_share > 0, FORMAT('{} of deferrals are Roth', PERCENT(roth_share)), NULL))
) AS steps (step, text)
WHERE steps.text IS NOT NULL
ORDER BY steps.step
