-- This database's clients by role, without ours.
SELECT coalesce(a.usename, '')::text AS role,
       count(*) AS total,
       count(*) FILTER (WHERE a.state = 'active') AS active,
       count(*) FILTER (WHERE a.state LIKE 'idle in transaction%') AS idle_in_transaction,
       count(*) FILTER (WHERE a.backend_type IS NULL) AS hidden
FROM pg_stat_activity AS a
WHERE a.datname = current_database()
  AND a.usesysid IS NOT NULL
  AND (a.backend_type IN ('client backend', 'walsender') OR a.backend_type IS NULL)
  AND a.application_name NOT LIKE 'pgcutover/%'
GROUP BY 1
ORDER BY 2 DESC, 1
LIMIT 50
