-- The extensions that are installed.
SELECT e.extname::text AS name, e.extversion AS version
FROM pg_extension AS e
ORDER BY e.extname
