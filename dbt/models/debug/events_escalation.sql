{{ event_branch(events_escalation_sql()) }}
