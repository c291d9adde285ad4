-- How many sessions of other roles there are whose transactions this role may not see.
SELECT count(*)
FROM pg_stat_activity AS a
WHERE a.datname = current_database()
  AND a.pid <> pg_backend_pid()
  AND a.usename IS DISTINCT FROM current_user
  AND NOT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
