{{ event_branch(events_compliance_sql()) }}
