-- The database's size in bytes.
SELECT pg_database_size(current_database())
