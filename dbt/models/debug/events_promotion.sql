{{ event_branch(events_promotion_sql()) }}
