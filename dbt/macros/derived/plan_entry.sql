{#
  The day age and service are satisfied and the plan entry date, kept apart (IRC 410(a)(4)); what an earlier year
  established stays.
#}
{% macro plan_entry() %}
  WITH settings AS (
    SELECT *
    FROM {{ source('inputs', 'settings') }}
  ),

  people AS (
    SELECT
      person_year.*,
      cohort.eligibility_date AS known_satisfied_date,
      cohort.plan_entry_date AS known_entry_date,
      cohort.eligibility_basis AS known_basis,
      cohort.census_entry_date,
      cohort.census_deferral_rate,
      cohort.census_roth_share,
      cohort.auto_escalation_opt_out,
      cohort.enrollment_date,
      cohort.enrollment_method,
      COALESCE(cohort.deferral_rate, 0) AS opening_deferral_rate,
      COALESCE(cohort.roth_share, 0) AS opening_roth_share,
      COALESCE(cohort.prior_year_deferrals, 0) AS prior_year_deferrals,
      COALESCE(cohort.prior_year_match, 0) AS prior_year_match
    FROM {{ ref('int_person_year') }} AS person_year
    LEFT JOIN {{ ref('int_year_cohort') }} AS cohort
      ON person_year.employee_id = cohort.employee_id
  ),

  required AS (
    SELECT
      people.*,
      {{ service_requirement_met('people.employee_hire_date', 'people.scheduled_hours_per_week') }} AS service_met_date,
      {{ long_term_part_time_met('people.employee_hire_date', 'people.scheduled_hours_per_week') }} AS part_time_met_date
    FROM people
    CROSS JOIN settings
  ),

  computed AS (
    SELECT
      required.* EXCLUDE (service_met_date, part_time_met_date),
      {{ eligibility_satisfied('required.employee_birth_date', 'required.employee_hire_date') }} AS rule_satisfied_date,
      {{ eligibility_basis('required.employee_birth_date', 'required.census_entry_date') }} AS rule_basis
    FROM required
    CROSS JOIN settings
  ),

  satisfied AS (
    SELECT
      computed.*,
      COALESCE(
        computed.known_satisfied_date,
        LEAST(computed.rule_satisfied_date, computed.census_entry_date)
      ) AS satisfied_date,
      COALESCE(computed.known_basis, computed.rule_basis) AS basis
    FROM computed
  )

  SELECT
    satisfied.* EXCLUDE (satisfied_date, basis),
    CASE WHEN satisfied.satisfied_date <= satisfied.last_date THEN satisfied.satisfied_date END AS satisfied_date,
    CASE WHEN satisfied.satisfied_date <= satisfied.last_date THEN satisfied.basis END AS eligibility_basis,
    CASE
      WHEN satisfied.satisfied_date <= satisfied.last_date THEN COALESCE(
        satisfied.known_entry_date,
        satisfied.census_entry_date,
        {{ entry_date('satisfied.satisfied_date') }}
      )
    END AS scheduled_entry_date,
    satisfied.known_satisfied_date IS NULL AND COALESCE(satisfied.satisfied_date <= satisfied.last_date, FALSE)
      AS is_newly_eligible
  FROM satisfied
  CROSS JOIN settings
{% endmacro %}
