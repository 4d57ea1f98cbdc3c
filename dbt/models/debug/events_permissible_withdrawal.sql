{{ event_branch(events_permissible_withdrawal_sql()) }}
