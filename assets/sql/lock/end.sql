-- Ends the session that holds the lock, if it is still the one that was seen.
SELECT pg_terminate_backend(a.pid)
FROM pg_stat_activity AS a
WHERE a.pid = $1 AND a.application_name = $2
