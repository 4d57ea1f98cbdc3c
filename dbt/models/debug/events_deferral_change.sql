{{ event_branch(events_deferral_change_sql()) }}
