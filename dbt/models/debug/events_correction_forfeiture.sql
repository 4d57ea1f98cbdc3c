{{ event_branch(events_correction_forfeiture_sql()) }}
