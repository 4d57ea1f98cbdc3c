{{ event_branch(events_forfeiture_sql()) }}
