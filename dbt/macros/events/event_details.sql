{# One sentence for a reader, rendered from the typed columns and never parsed back. #}
{% macro event_details() -%}
  CASE event_type
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
  END
{%- endmacro %}
