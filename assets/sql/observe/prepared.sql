-- Prepared transactions of this database, oldest first.
SELECT p.gid, p.owner::text AS owner, p.prepared::text AS since
FROM pg_prepared_xacts AS p
WHERE p.database = current_database()
ORDER BY p.prepared
