{{ event_branch(events_correction_distribution_sql()) }}
