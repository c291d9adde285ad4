-- The named settings and all that are not at their default, without those of this session; then what database and roles
-- set beside them, and what the database was made with. Values of names with a dot are somebody's own and may be secrets.
SELECT s.name, current_setting(s.name, true) AS value, s.source, s.pending_restart AS pending
FROM pg_settings AS s
WHERE s.source NOT IN ('client', 'session', 'interactive', 'test')
  AND (s.name = ANY ($1) OR s.source NOT IN ('default', 'override'))
UNION ALL
SELECT CASE WHEN o.setrole = 0 THEN v.name ELSE v.name || ' of role ' || pg_get_userbyid(o.setrole) END,
       CASE WHEN v.name LIKE '%.%' THEN '***' ELSE v.value END,
       CASE WHEN o.setrole = 0 THEN 'database' ELSE 'role' END,
       false
FROM pg_db_role_setting AS o
JOIN pg_database AS d ON d.oid = o.setdatabase AND d.datname = current_database()
CROSS JOIN LATERAL unnest(o.setconfig) AS u (line)
CROSS JOIN LATERAL (SELECT split_part(u.line, '=', 1), substr(u.line, strpos(u.line, '=') + 1)) AS v (name, value)
UNION ALL
SELECT 'database ' || p.key, coalesce(p.value, ''), 'initdb', false
FROM pg_database AS d
CROSS JOIN LATERAL (SELECT to_jsonb(d)) AS j (row)
CROSS JOIN LATERAL (VALUES ('encoding', pg_encoding_to_char(d.encoding)::text),
                           ('collate', d.datcollate::text),
                           ('ctype', d.datctype::text),
                           ('locale provider', coalesce(j.row ->> 'datlocprovider', 'c')),
                           ('locale', coalesce(j.row ->> 'datlocale', j.row ->> 'daticulocale')),
                           ('connection limit', d.datconnlimit::text)) AS p (key, value)
WHERE d.datname = current_database()
