{{ event_branch(events_distribution_sql()) }}
