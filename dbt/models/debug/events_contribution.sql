{{ event_branch(events_contribution_sql()) }}
