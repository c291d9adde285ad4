-- Connections of the whole server and its limits, and the open transactions of this database's clients without ours. What
-- this role may not see into has no backend_type.
WITH a AS (
    SELECT s.*,
           s.backend_type IS NULL AND s.usesysid IS NOT NULL AS hidden,
           s.application_name LIKE 'pgcutover/%' AS ours,
           s.datname = current_database() AS here
    FROM pg_stat_activity AS s
), c AS (
    SELECT a.* FROM a WHERE a.here AND NOT a.ours AND (a.backend_type IN ('client backend', 'walsender') OR a.hidden)
)
SELECT (SELECT count(*) FROM a WHERE a.backend_type = 'client backend' OR a.hidden) AS used,
       current_setting('max_connections')::int8 AS max,
       current_setting('superuser_reserved_connections')::int8 AS reserved,
       (SELECT count(*) FROM a WHERE a.ours) AS ours,
       (SELECT count(DISTINCT l.pid) FROM pg_locks AS l JOIN a ON a.pid = l.pid WHERE a.here AND NOT l.granted) AS waiting,
       count(*) AS clients,
       count(*) FILTER (WHERE c.hidden) AS hidden,
       count(c.xact_start) AS open,
       count(c.xact_start) FILTER (WHERE c.state LIKE 'idle in transaction%') AS idle,
       extract(epoch FROM clock_timestamp() - min(c.xact_start))::float8 AS longest,
       (array_agg(c.pid ORDER BY c.xact_start) FILTER (WHERE c.xact_start IS NOT NULL))[1] AS longest_pid,
       extract(epoch FROM clock_timestamp() - min(c.state_change) FILTER (WHERE c.state LIKE 'idle in transaction%'))::float8
           AS longest_idle
FROM c
