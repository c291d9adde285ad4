-- Large objects: how many, and the sum of the hashes of their content's text.
SELECT count(*) AS rows, sum(hashint4extended(1, hash_record_extended(ROW (m.oid::text, md5(lo_get(m.oid))), $1)))::text AS hash
FROM pg_largeobject_metadata AS m
