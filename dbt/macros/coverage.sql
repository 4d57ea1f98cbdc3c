{#
  Ratio percentage test, IRC 410(b)(1)(B), of each part the plan has: deferrals (whoever may defer benefits), match
  (whoever may be matched) and nonelective money (whoever gets some). Employees who have not met age, service and entry
  conditions are excludable, and so are leavers with at most 500 hours who do not benefit (26 CFR 1.410(b)-6(f)).
  Shares and the ratio are hundredths of a percent (26 CFR 1.410(b)-9).
#}
{% macro coverage_tests(participants) %}
  WITH members AS (
    SELECT
      '401k' AS part,
      is_hce,
      TRUE AS benefits
    FROM {{ participants }}
    UNION ALL
    SELECT
      '401m' AS part,
      is_hce,
      may_be_matched AS benefits
    FROM {{ participants }}
    CROSS JOIN settings
    WHERE settings.plan__match__formula <> 'none'
      AND NOT waits_for_match
      AND (may_be_matched OR NOT left_with_few_hours)
    UNION ALL
    SELECT
      'nonelective' AS part,
      is_hce,
      nonelective_amount > 0 AS benefits
    FROM {{ participants }}
    CROSS JOIN settings
    WHERE (settings.plan__nonelective__formula <> 'none' OR settings.plan__profit_sharing__formula <> 'none')
      AND (nonelective_amount > 0 OR NOT left_with_few_hours)
  ),

  counted AS (
    SELECT
      part,
      COUNT(*) FILTER (WHERE is_hce) AS hce_count,
      COUNT(*) FILTER (WHERE NOT is_hce) AS nhce_count,
      COUNT(*) FILTER (WHERE is_hce AND benefits) AS hce_benefiting,
      COUNT(*) FILTER (WHERE NOT is_hce AND benefits) AS nhce_benefiting
    FROM members
    GROUP BY part
  )

  SELECT
    part,
    hce_count,
    nhce_count,
    CASE WHEN hce_count > 0 THEN {{ divide_half_up('10000 * hce_benefiting', 'hce_count') }} END AS hce_share,
    CASE WHEN nhce_count > 0 THEN {{ divide_half_up('10000 * nhce_benefiting', 'nhce_count') }} END AS nhce_share,
    CASE
      WHEN hce_benefiting > 0 AND nhce_count > 0
        THEN {{ divide_half_up('10000 * nhce_benefiting * hce_count', '(nhce_count * hce_benefiting)') }}
    END AS ratio
  FROM counted
{% endmacro %}
