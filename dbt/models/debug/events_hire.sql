{{ event_branch(events_hire_sql()) }}
