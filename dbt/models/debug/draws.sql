-- every draw of the year's people under this year's key; decisions of plan entry are made under the key of the entry year
{% for decision in draw_decisions() %}
SELECT
  employee_id,
  draw_key,
  '{{ decision }}' AS decision,
  {{ draw(decision) }} AS uniform
FROM {{ ref('int_person_year') }}
{% if not loop.last %}
UNION ALL
{% endif %}
{% endfor %}
