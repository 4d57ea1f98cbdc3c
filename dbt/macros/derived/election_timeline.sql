{#
  The year's changes of the deferral rate, at most two: the first enrolls or escalates, the second changes or opts out.
#}
{% macro election_timeline() %}
  WITH settings AS (
    SELECT *
    FROM {{ source('inputs', 'settings') }}
  ),

  elections AS (
    {{ elections() }}
  ),

  decided AS (
    SELECT
      elections.*,
      NOT settings.behavior__frozen AS is_free,
      elections.enrollment_date IS NULL AND elections.plan_entry_date IS NOT NULL AS can_enroll,
      GREATEST(elections.plan_entry_date, {{ year_start() }}) AS first_possible_date,
      elections.plan_entry_date < elections.first_day AND elections.first_day = {{ year_start() }} AS is_opening_participant,
      elections.is_covered
        AND elections.participation_draw < elections.automatic_participation + settings.behavior__opt_out_rate
        AND NOT (elections.participation_draw < elections.automatic_participation AND elections.elects_own_rate)
        AS stays_silent,
      elections.participation_draw >= elections.automatic_participation AS would_opt_out,
      (COALESCE(elections.enrollment_method = 'auto', FALSE) OR elections.auto_escalation_opt_out IS FALSE)
        AND NOT COALESCE(elections.auto_escalation_opt_out, FALSE)
        AND elections.enrollment_date <= CASE settings.plan__escalation__first_increase
          WHEN 'next_plan_year' THEN {{ year_start() }} - 1
          WHEN 'after_one_full_year' THEN MAKE_DATE({{ var('simulation_year') }} - 1, 1, 1)
        END AS is_escalation_due
    FROM elections
    CROSS JOIN settings
  ),

  first_changes AS (
    SELECT
      decided.*,
      CASE
        WHEN decided.opening_deferral_rate > 0 THEN CASE
          WHEN settings.plan__escalation__enabled
            AND decided.is_free
            AND decided.is_escalation_due
            AND decided.accepts_escalation
            AND decided.opening_deferral_rate < settings.plan__escalation__cap THEN 'escalation'
        END
        WHEN decided.can_enroll AND decided.census_deferral_rate > 0 THEN 'census'
        WHEN decided.can_enroll
          AND decided.census_deferral_rate IS NULL
          AND decided.is_free
          AND decided.is_opening_participant
          AND decided.participation_draw < CASE
            WHEN settings.plan__automatic_enrollment__enabled THEN decided.automatic_participation
            ELSE decided.voluntary_participation
          END THEN 'opening'
        WHEN decided.can_enroll
          AND decided.census_deferral_rate IS NULL
          AND decided.is_free
          AND decided.plan_entry_date >= {{ year_start() }}
          AND (
            decided.is_covered
            AND decided.elects_own_rate
            AND decided.participation_draw < decided.automatic_participation
            OR NOT decided.is_covered
            AND decided.participation_draw < decided.voluntary_participation * settings.behavior__new_hire_voluntary_factor
          ) THEN 'voluntary'
        WHEN decided.can_enroll
          AND decided.census_deferral_rate IS NULL
          AND decided.automatic_date BETWEEN {{ year_start() }} AND decided.last_date
          AND (decided.stays_silent OR NOT decided.is_free AND decided.is_covered) THEN 'auto'
        WHEN decided.is_free
          AND decided.plan_entry_date < {{ year_start() }}
          AND decided.enrolls_late
          AND decided.late_enrollment_date <= decided.last_date THEN 'late'
      END AS first_kind
    FROM decided
    CROSS JOIN settings
  ),

  first_dated AS (
    SELECT
      first_changes.*,
      CASE first_changes.first_kind
        WHEN 'escalation' THEN {{ year_start() }}
        WHEN 'auto' THEN first_changes.automatic_date
        WHEN 'late' THEN first_changes.late_enrollment_date
        ELSE CASE WHEN first_changes.first_kind IS NOT NULL THEN first_changes.first_possible_date END
      END AS first_date,
      CASE first_changes.first_kind
        WHEN 'escalation'
          THEN LEAST(first_changes.opening_deferral_rate + settings.plan__escalation__step, settings.plan__escalation__cap)
        WHEN 'census' THEN first_changes.census_deferral_rate
        WHEN 'auto' THEN first_changes.default_rate
        ELSE CASE WHEN first_changes.first_kind IS NOT NULL THEN first_changes.elected_rate END
      END AS first_rate,
      CASE
        WHEN first_changes.first_kind = 'escalation' OR first_changes.first_kind IS NULL THEN first_changes.opening_roth_share
        WHEN first_changes.first_kind = 'census' THEN first_changes.census_roth_share
        WHEN first_changes.first_kind = 'auto' THEN 0
        ELSE first_changes.elected_roth_share
      END AS roth_share
    FROM first_changes
    CROSS JOIN settings
  ),

  second_kinds AS (
    SELECT
      first_dated.*,
      COALESCE(first_dated.first_rate, first_dated.opening_deferral_rate) AS rate_before_change,
      CASE
        WHEN first_dated.first_kind = 'auto' THEN first_dated.first_date
        WHEN first_dated.opening_deferral_rate > 0 AND first_dated.enrollment_method = 'auto' THEN first_dated.enrollment_date
      END AS automatic_start
    FROM first_dated
  ),

  second_changes AS (
    SELECT
      second_kinds.*,
      CASE
        WHEN NOT second_kinds.is_free THEN NULL
        WHEN second_kinds.would_opt_out
          AND second_kinds.automatic_start + second_kinds.opt_out_after_days
          BETWEEN {{ year_start() }} AND second_kinds.last_date THEN 'opt_out'
        WHEN second_kinds.opening_deferral_rate = 0 OR second_kinds.change_date > second_kinds.last_date THEN NULL
        WHEN second_kinds.change_draw < settings.behavior__stop_rate * second_kinds.change_multiplier THEN 'stop'
        WHEN second_kinds.change_draw
          < (settings.behavior__stop_rate + settings.behavior__decrease_rate) * second_kinds.change_multiplier
          THEN CASE WHEN second_kinds.rate_before_change > 0.01 THEN 'decrease' END
        WHEN second_kinds.change_draw < (
          settings.behavior__stop_rate + settings.behavior__decrease_rate + settings.behavior__increase_rate
        ) * second_kinds.change_multiplier
          THEN CASE WHEN second_kinds.rate_before_change < settings.plan__deferrals__maximum_rate THEN 'increase' END
      END AS second_kind
    FROM second_kinds
    CROSS JOIN settings
  )

  SELECT
    second_changes.*,
    CASE second_changes.second_kind
      WHEN 'opt_out' THEN second_changes.automatic_start + second_changes.opt_out_after_days
      ELSE CASE WHEN second_changes.second_kind IS NOT NULL THEN second_changes.change_date END
    END AS second_date,
    CASE second_changes.second_kind
      WHEN 'opt_out' THEN 0
      WHEN 'stop' THEN 0
      WHEN 'decrease' THEN GREATEST(second_changes.rate_before_change - second_changes.change_size, 0.01)
      WHEN 'increase'
        THEN LEAST(second_changes.rate_before_change + second_changes.change_size, settings.plan__deferrals__maximum_rate)
    END AS second_rate
  FROM second_changes
  CROSS JOIN settings
{% endmacro %}
