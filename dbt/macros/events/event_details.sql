{# One sentence for a reader, rendered from the typed columns and never parsed back. #}
{% macro event_details() -%}
  CASE event_type
    WHEN 'contribution' THEN CAST(source AS VARCHAR) || ': ' || CAST(amount AS VARCHAR)
    WHEN 'hire' THEN FORMAT('Hired at level {}, {:,.2f} a year', level_id, CAST(compensation_amount AS DOUBLE))
    WHEN 'termination' THEN FORMAT('Left: {}', reason)
    WHEN 'cola' THEN FORMAT(
      'COLA {:.2f}%: {:,.2f} to {:,.2f} a year',
      CAST(rate * 100 AS DOUBLE), CAST(previous_compensation AS DOUBLE), CAST(compensation_amount AS DOUBLE)
    )
    WHEN 'merit' THEN FORMAT(
      'Merit {:.2f}%: {:,.2f} to {:,.2f} a year',
      CAST(rate * 100 AS DOUBLE), CAST(previous_compensation AS DOUBLE), CAST(compensation_amount AS DOUBLE)
    )
    WHEN 'promotion' THEN FORMAT(
      'Promoted to level {}: {:,.2f} to {:,.2f} a year',
      level_id, CAST(previous_compensation AS DOUBLE), CAST(compensation_amount AS DOUBLE)
    )
    WHEN 'eligibility' THEN FORMAT('Age and service met ({})', event_category)
    WHEN 'enrollment' THEN FORMAT('Enrolled ({}) at {:.2f}% of pay', event_category, CAST(rate * 100 AS DOUBLE))
    WHEN 'deferral_change' THEN FORMAT('Deferral changed ({}) to {:.2f}% of pay', event_category, CAST(rate * 100 AS DOUBLE))
    WHEN 'escalation' THEN FORMAT('Deferral increased automatically to {:.2f}% of pay', CAST(rate * 100 AS DOUBLE))
    WHEN 'vesting' THEN FORMAT('{} vested to {:.0f}%', REPLACE(CAST(source AS VARCHAR), '_', ' '), CAST(rate * 100 AS DOUBLE))
    WHEN 'distribution'
      THEN FORMAT('Paid out {:,.2f} from {} ({})', CAST(amount AS DOUBLE), REPLACE(CAST(source AS VARCHAR), '_', ' '), REPLACE(reason, '_', ' '))
    WHEN 'forfeiture'
      THEN FORMAT('Forfeited {:,.2f} of {} ({})', CAST(amount AS DOUBLE), REPLACE(CAST(source AS VARCHAR), '_', ' '), REPLACE(reason, '_', ' '))
    WHEN 'hce_status' THEN 'Highly compensated this year'
    WHEN 'compliance' THEN REPLACE(event_category, '_', ' ')
  END
{%- endmacro %}
