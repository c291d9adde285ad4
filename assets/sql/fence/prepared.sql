-- Prepared transactions of this database; each may still commit what was written before the fence.
SELECT p.gid || ' by ' || p.owner || ' since ' || p.prepared::text
FROM pg_prepared_xacts AS p
WHERE p.database = current_database()
ORDER BY p.prepared
