-- What new sessions in this database begin with: the database's own setting, and those of roles, which outweigh it.
SELECT coalesce(pg_get_userbyid(nullif(s.setrole, 0))::text, '') AS role,
       s.setdatabase <> 0 AS in_database,
       split_part(c.setting, '=', 2) AS value
FROM pg_db_role_setting AS s
CROSS JOIN LATERAL unnest(s.setconfig) AS c (setting)
WHERE split_part(c.setting, '=', 1) = 'default_transaction_read_only'
  AND s.setdatabase IN (0, (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()))
ORDER BY 1, 2
