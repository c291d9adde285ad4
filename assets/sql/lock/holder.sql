-- Who holds it: an advisory lock of one bigint has its halves in classid and objid, and objsubid 1.
SELECT a.pid,
       coalesce(a.usename, '')::text AS role,
       a.application_name::text AS application,
       coalesce(host(a.client_addr), 'a local socket') AS address,
       to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
FROM pg_locks AS l
JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory'
  AND l.granted
  AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
  AND l.classid::bigint = $1::bigint >> 32
  AND l.objid::bigint = $1::bigint & 4294967295
  AND l.objsubid = 1
