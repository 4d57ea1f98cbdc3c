{{ event_branch(events_eligibility_sql()) }}
