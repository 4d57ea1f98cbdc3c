SELECT
  settings.scenario_id,
  settings.plan_design_id,
  CAST(rejects.row_number AS BIGINT) AS row_number,
  rejects.column_name,
  rejects.value,
  rejects.reason
FROM {{ source('inputs', 'census_rejects') }} AS rejects
CROSS JOIN {{ source('inputs', 'settings') }} AS settings
ORDER BY rejects.row_number, rejects.column_name
