-- How many clients this database has, without ours.
SELECT count(*)
FROM pg_stat_activity AS a
WHERE a.datname = current_database()
  AND a.backend_type IN ('client backend', 'walsender')
  AND a.application_name NOT LIKE 'pgcutover/%'
