{#
  The match formula, the only one: sum over tiers of rate x the part of the deferrals between the tier's bounds, the
  bounds being shares of pay. Deferrals and pay in dollars; tiers a list of (rate, from_rate, up_to) in millionths.
  Exact integers, cents half-up once; in 64 bits while twice the highest match of the deferrals fits.
#}
{% macro match_amount(deferrals, pay, tiers) -%}
  {{ from_cents(
    'CASE WHEN ' ~ deferrals ~ ' < 9000 THEN '
      ~ '(2 * CAST(' ~ match_in_trillionths(deferrals, pay, tiers, 'BIGINT') ~ ' AS BIGINT) + 1000000000000) // 2000000000000'
      ~ ' ELSE ' ~ divide_half_up(match_in_trillionths(deferrals, pay, tiers, 'HUGEINT'), '1000000000000') ~ ' END'
  ) }}
{%- endmacro %}

{# Match in trillionths of a cent, computed in the given integer type. #}
{% macro match_in_trillionths(deferrals, pay, tiers, integer_type) -%}
  COALESCE(LIST_SUM(LIST_TRANSFORM({{ tiers }}, LAMBDA tier: CAST(tier.rate AS {{ integer_type }}) * GREATEST(
    0,
    LEAST({{ cents(deferrals) }} * 1000000, tier.up_to * {{ cents(pay) }}) - tier.from_rate * {{ cents(pay) }}
  ))), 0)
{%- endmacro %}

{#
  The formula backwards: the least deferrals, dollars, that earn a match of `amount` or, with kept = 1, that make the
  amount together with their match.
#}
{% macro deferrals_earning(amount, pay, tiers, kept=0) -%}
  {%- set wanted = 'CAST(' ~ cents(amount) ~ ' AS HUGEINT) * 1000000000000' -%}
  {%- set below = 'CAST(' ~ cents(pay) ~ ' AS HUGEINT) * (' ~ kept ~ ' * tier.from_rate * 1000000 + tier.match_before)' -%}
  {{ from_cents(divide_half_up(
    'COALESCE(LIST_MAX(LIST_TRANSFORM(' ~ tiers ~ ', LAMBDA tier: CASE WHEN ' ~ wanted ~ ' > ' ~ below ~ ' THEN '
      ~ 'tier.from_rate * ' ~ cents(pay) ~ ' + COALESCE(LEAST('
      ~ '(tier.up_to - tier.from_rate) * ' ~ cents(pay) ~ ', '
      ~ '(' ~ wanted ~ ' - ' ~ below ~ ') // NULLIF(' ~ kept ~ ' * 1000000 + tier.rate, 0)), 0)'
      ~ ' ELSE 0 END)), 0)',
    '1000000'
  )) }}
{%- endmacro %}

{# The tiers as one list, one row for every value of service or points; match_before is that of the tiers below. #}
{% macro match_bands() %}
  SELECT
    UNNEST(RANGE(CAST(band_from AS BIGINT), CAST(LEAST(band_to, 400) AS BIGINT))) AS band_value,
    tiers
  FROM (
    SELECT
      band_from,
      band_to,
      LIST(STRUCT_PACK(
        rate := rate,
        from_rate := from_rate,
        up_to := up_to,
        match_before := match_before
      ) ORDER BY tier) AS tiers
    FROM (
      SELECT
        band_from,
        band_to,
        tier,
        CAST(rate * 1000000 AS BIGINT) AS rate,
        CAST(from_rate * 1000000 AS BIGINT) AS from_rate,
        CAST(up_to * 1000000 AS BIGINT) AS up_to,
        CAST(COALESCE(SUM(CAST(rate * 1000000 AS BIGINT) * CAST((up_to - from_rate) * 1000000 AS BIGINT)) OVER (
          PARTITION BY band_from ORDER BY tier ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS BIGINT) AS match_before
      FROM {{ source('inputs', 'match_tiers') }}
    )
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
