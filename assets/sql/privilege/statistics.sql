-- Other sessions' statements and transaction ids can be seen in pg_stat_activity.
SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
