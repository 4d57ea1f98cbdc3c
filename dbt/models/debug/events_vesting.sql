{{ event_branch(events_vesting_sql()) }}
