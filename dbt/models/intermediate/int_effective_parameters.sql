{{ config(tags=['genesis']) }}

SELECT
  settings.scenario_id,
  settings.plan_design_id,
  levers.simulation_year,
  levers.level_id
  {% for lever in lever_names() %}
  ,
  CAST(MAX(levers.parameter_value) FILTER (WHERE levers.parameter_name = '{{ lever }}') AS DECIMAL(9, 6))
    AS {{ lever }},
  MAX(levers.parameter_scenario_id) FILTER (WHERE levers.parameter_name = '{{ lever }}') AS {{ lever }}_scenario_id,
  MAX(levers.parameter_source) FILTER (WHERE levers.parameter_name = '{{ lever }}') AS {{ lever }}_source
  {% endfor %}
FROM {{ source('inputs', 'comp_levers') }} AS levers
CROSS JOIN {{ source('inputs', 'settings') }} AS settings
GROUP BY settings.scenario_id, settings.plan_design_id, levers.simulation_year, levers.level_id
ORDER BY levers.simulation_year, levers.level_id
