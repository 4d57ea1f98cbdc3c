{#
  Elections. The decision to participate is drawn once, in the year of plan entry, and read again when an opt-out
  falls into the next year: its key carries the entry year, not the current one.
#}

{# The rate a person chooses when nobody chooses for him: around the mean of his age, in whole percents. #}
{% macro elected_rate(mean_rate, size_draw, attraction_draw) -%}
  CAST(LEAST(
    GREATEST(
      CAST(ROUND(CAST({{ mean_rate }} AS DOUBLE) * (0.4 + 1.2 * {{ size_draw }}), 2) AS DECIMAL(9, 6)),
      CAST(0.01 AS DECIMAL(9, 6)),
      CASE WHEN {{ attraction_draw }} < settings.behavior__match_attraction THEN ceiling.match_ceiling ELSE 0 END
    ),
    settings.plan__deferrals__maximum_rate
  ) AS DECIMAL(9, 6))
{%- endmacro %}

{# The share that an event states in four decimals; where it is the census', the census has it whole. #}
{% macro elected_roth_share(stated, census_share) -%}
  CASE
    WHEN CAST({{ census_share }} AS DECIMAL(9, 4)) = {{ stated }} THEN {{ census_share }}
    ELSE {{ stated }}
  END
{%- endmacro %}

{# The deferral rate in force on a day, from the year's election timeline. #}
{% macro rate_on(day, alias) -%}
  CASE
    WHEN {{ alias }}.second_date <= {{ day }} THEN {{ alias }}.second_rate
    WHEN {{ alias }}.first_date <= {{ day }} THEN {{ alias }}.first_rate
    ELSE {{ alias }}.opening_deferral_rate
  END
{%- endmacro %}
