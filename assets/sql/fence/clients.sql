-- Clients of this database that are not ours.
SELECT a.pid,
       coalesce(a.usename, '')::text AS role,
       a.usename = current_user AS same_role,
       a.application_name::text AS application,
       coalesce(host(a.client_addr), '') AS address,
       coalesce(a.state, '') AS state,
       a.backend_xid IS NOT NULL AS writing,
       a.backend_start::text AS since
FROM pg_stat_activity AS a
WHERE a.datname = current_database()
  AND a.backend_type IN ('client backend', 'walsender')
  AND a.pid <> pg_backend_pid()
  AND a.application_name NOT LIKE 'pgcutover/%'
ORDER BY a.backend_start, a.pid
