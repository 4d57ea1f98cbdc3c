{{ event_branch(events_merit_sql()) }}
