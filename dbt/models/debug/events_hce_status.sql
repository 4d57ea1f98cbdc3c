{{ event_branch(events_hce_status_sql()) }}
