-- people who left before the year, as they were at exit
SELECT *
FROM {{ ref('int_former_participants') }}
