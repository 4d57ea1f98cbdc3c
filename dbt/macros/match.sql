{#
  The match formula, the only one: sum over tiers of rate x the part of the deferrals between the tier's bounds, the
  bounds being shares of pay. Deferrals and pay in dollars; tiers a list of (rate, from_rate, up_to) in millionths.
  Exact integers, cents half-up once; in 64 bits while twice the highest match of the deferrals fits.
#}
{% macro match_amount(deferrals, pay, tiers) -%}
  {{ from_cents(
    'CASE WHEN ' ~ deferrals ~ ' < 9000 THEN '
      ~ '(2 * CAST(' ~ matched_millionths(deferrals, pay, tiers, 'BIGINT') ~ ' AS BIGINT) + 1000000000000) // 2000000000000'
      ~ ' ELSE ' ~ divide_half_up(matched_millionths(deferrals, pay, tiers, 'HUGEINT'), '1000000000000') ~ ' END'
  ) }}
{%- endmacro %}

{# Match in cents x 10^12, computed in the given integer type. #}
{% macro matched_millionths(deferrals, pay, tiers, integer_type) -%}
  COALESCE(LIST_SUM(LIST_TRANSFORM({{ tiers }}, LAMBDA tier: CAST(tier.rate AS {{ integer_type }}) * GREATEST(
    0,
    LEAST({{ cents(deferrals) }} * 1000000, tier.up_to * {{ cents(pay) }}) - tier.from_rate * {{ cents(pay) }}
  ))), 0)
{%- endmacro %}

{# The tiers as one list, one row for every value of service or points. #}
{% macro match_bands() %}
  SELECT
    UNNEST(RANGE(CAST(band_from AS BIGINT), CAST(LEAST(band_to, 400) AS BIGINT))) AS band_value,
    tiers
  FROM (
    SELECT
      band_from,
      band_to,
      LIST(STRUCT_PACK(
        rate := CAST(rate * 1000000 AS BIGINT),
        from_rate := CAST(from_rate * 1000000 AS BIGINT),
        up_to := CAST(up_to * 1000000 AS BIGINT)
      ) ORDER BY tier) AS tiers
    FROM {{ source('inputs', 'match_tiers') }}
    GROUP BY band_from, band_to
  )
{% endmacro %}

{# What selects the band: completed years, or age plus service, whole years at 31 December. #}
{% macro match_band_value(alias) -%}
  CASE settings.plan__match__formula
    WHEN 'points' THEN {{ alias }}.age + {{ alias }}.tenure
    WHEN 'service_graded' THEN {{ alias }}.tenure
    ELSE 0
  END
{%- endmacro %}
