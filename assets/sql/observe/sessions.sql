-- This database's clients without ours: who writes first, then the oldest transactions. Who blocks a session is asked only
-- where it waits for a lock, since the question stops the lock manager for a moment.
SELECT a.pid,
       coalesce(a.usename, '')::text AS role,
       coalesce(a.datname, '')::text AS database,
       a.application_name::text AS application,
       CASE WHEN a.backend_type IS NOT NULL THEN coalesce(host(a.client_addr), '') END AS address,
       a.state,
       a.state_change AS since,
       a.backend_start AS connected,
       a.xact_start AS transaction,
       a.backend_xid IS NOT NULL AS writing,
       CASE WHEN a.state <> 'idle' THEN a.wait_event_type || ': ' || a.wait_event END AS waits,
       CASE WHEN a.wait_event_type = 'Lock' THEN pg_blocking_pids(a.pid) ELSE '{}' END AS blocked_by,
       CASE WHEN a.backend_type IS NOT NULL THEN left(a.query, 2000) END AS statement,
       count(*) OVER () AS total,
       count(*) FILTER (WHERE a.backend_type IS NULL) OVER () AS hidden
FROM pg_stat_activity AS a
WHERE a.datname = current_database()
  AND a.usesysid IS NOT NULL
  AND (a.backend_type IN ('client backend', 'walsender') OR a.backend_type IS NULL)
  AND a.application_name NOT LIKE 'pgcutover/%'
ORDER BY a.backend_xid IS NULL, a.xact_start NULLS LAST, a.backend_start, a.pid
LIMIT 200
