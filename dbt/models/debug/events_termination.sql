{{ event_branch(events_termination_sql()) }}
