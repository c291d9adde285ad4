-- Open transactions of this database's clients, longest first, without ours.
SELECT a.pid,
       coalesce(a.usename, '')::text AS role,
       a.application_name::text AS application,
       coalesce(host(a.client_addr), '') AS address,
       coalesce(a.state, '') AS state,
       extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS seconds
FROM pg_stat_activity AS a
WHERE a.datname = current_database()
  AND a.backend_type IN ('client backend', 'walsender')
  AND a.pid <> pg_backend_pid()
  AND a.application_name NOT LIKE 'pgcutover/%'
  AND a.xact_start IS NOT NULL
ORDER BY a.xact_start
