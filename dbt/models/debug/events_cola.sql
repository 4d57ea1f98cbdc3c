{{ event_branch(events_cola_sql()) }}
