{{ event_branch(events_enrollment_sql()) }}
