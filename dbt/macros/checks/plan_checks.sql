{# The same money three ways: the event log, the participants, the year's totals. #}
{% macro check_contributions() %}
  SELECT
    'contribution_conservation' AS check_name,
    'error' AS severity,
    by_event.contribution_events AS checked_rows,
    CASE
      WHEN by_event.total = by_person.total
        AND by_event.total = summary.employee_contributions + summary.employer_match + summary.employer_nonelective
          + summary.employer_profit_sharing + summary.forfeitures_allocated THEN 0
      ELSE 1
    END AS failing_rows,
    CAST(by_event.total AS DOUBLE) AS measured,
    CAST(by_person.total AS DOUBLE) AS expected,
    'contribution events = participant totals = plan totals, to the cent' AS detail
  FROM (
    SELECT
      COUNT(*) AS contribution_events,
      COALESCE(SUM(amount), 0) AS total
    FROM events
    WHERE event_type = 'contribution'
  ) AS by_event
  CROSS JOIN (
    SELECT
      COALESCE(SUM(
        employee_pre_tax + employee_roth + employee_catch_up + employer_match + employer_nonelective
        + employer_profit_sharing + forfeiture_allocation
      ), 0) AS total
    FROM snapshot
  ) AS by_person
  CROSS JOIN summary
{% endmacro %}

{#
  The limits of the year hold for everybody. Annual additions are those of the log: an excess that was not returned shows,
  except where losses have left less of it to return.
#}
{% macro check_limits() %}
  SELECT
    'limits' AS check_name,
    'error' AS severity,
    COUNT(*) AS checked_rows,
    COUNT(*) FILTER (
      WHERE snapshot.employee_pre_tax + snapshot.employee_roth > limits.elective_deferral_limit
        OR snapshot.employee_catch_up > GREATEST(limits.catch_up_limit, COALESCE(limits.super_catch_up_limit, 0))
        OR plan_year.must_catch_up_roth AND snapshot.employee_catch_up > snapshot.employee_roth_catch_up
        OR snapshot.annual_additions > LEAST(limits.annual_additions_limit, snapshot.prorated_annual_compensation)
        OR settings.plan__balances__annual_return >= 0
        AND snapshot.employee_pre_tax + snapshot.employee_roth + snapshot.employer_match + snapshot.employer_nonelective
          + snapshot.employer_profit_sharing + snapshot.forfeiture_allocation - COALESCE(returned.amount, 0)
          > LEAST(limits.annual_additions_limit, snapshot.prorated_annual_compensation)
        OR snapshot.employee_pre_tax + snapshot.employee_roth + snapshot.employee_catch_up
          > snapshot.prorated_annual_compensation
    ) AS failing_rows,
    CAST(MAX(snapshot.annual_additions) AS DOUBLE) AS measured,
    CAST(MAX(limits.annual_additions_limit) AS DOUBLE) AS expected,
    'deferrals within 402(g), 414(v) and pay, catch-up Roth where it must be, annual additions within 415(c)' AS detail
  FROM snapshot
  CROSS JOIN settings
  INNER JOIN {{ ref('int_plan_limits') }} AS limits
    ON limits.simulation_year = {{ var('simulation_year') }}
  LEFT JOIN {{ ref('int_plan_year') }} AS plan_year
    ON snapshot.employee_id = plan_year.employee_id
  LEFT JOIN (
    SELECT
      employee_id,
      SUM(amount) AS amount
    FROM events
    WHERE event_category = 'excess_annual_addition'
    GROUP BY employee_id
  ) AS returned
    ON snapshot.employee_id = returned.employee_id
{% endmacro %}

{# IRC 410(a)(4): people whom the design lets in later than the law allows. #}
{% macro check_statutory_entry() %}
  SELECT
    'statutory_entry' AS check_name,
    'warn' AS severity,
    COUNT(*) AS checked_rows,
    COUNT(*) FILTER (
      WHERE scheduled_entry_date > statutory_latest_entry
    ) AS failing_rows,
    CAST(NULL AS DOUBLE) AS measured,
    CAST(NULL AS DOUBLE) AS expected,
    'entry by the earlier of the next plan year and six months after age 21 and a year of service (IRC 410(a)(4))'
      AS detail
  FROM {{ ref('int_plan_year') }}
  WHERE is_newly_eligible
    AND eligibility_basis = 'service'
{% endmacro %}
