-- What these tables take on disk. It looks at each of their files, so that it is asked seldom.
SELECT t.oid, pg_table_size(t.oid) AS bytes, pg_indexes_size(t.oid) AS indexes
FROM unnest($1::oid[]) AS t (oid)
