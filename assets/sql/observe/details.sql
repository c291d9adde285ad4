-- Everything about one table, as one document.
SELECT json_build_object(
    'table', $1::text,
    'kind', concat_ws(' ', CASE c.relpersistence WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' END,
                      CASE WHEN c.relispartition THEN 'partition' WHEN c.relkind = 'm' THEN 'materialized view'
                           WHEN c.relkind = 'p' THEN 'partitioned table' WHEN c.relkind = 'f' THEN 'foreign table' ELSE 'table' END),
    'owner', pg_get_userbyid(c.relowner),
    'columns', (SELECT coalesce(json_agg(json_build_object(
                           'name', a.attname, 'data_type', format_type(a.atttypid, a.atttypmod), 'nullable', NOT a.attnotnull,
                           'default', pg_get_expr(f.adbin, f.adrelid)) ORDER BY a.attnum), '[]')
                FROM pg_attribute AS a
                LEFT JOIN pg_attrdef AS f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    'indexes', (SELECT coalesce(json_agg(json_build_object(
                           'name', x.relname, 'definition', pg_get_indexdef(i.indexrelid), 'bytes', pg_relation_size(i.indexrelid),
                           'scans', pg_stat_get_numscans(i.indexrelid), 'primary', i.indisprimary, 'valid', i.indisvalid)
                           ORDER BY i.indisprimary DESC, x.relname), '[]')
                FROM pg_index AS i
                JOIN pg_class AS x ON x.oid = i.indexrelid
                WHERE i.indrelid = c.oid),
    'constraints', (SELECT coalesce(json_agg(json_build_array(k.conname, pg_get_constraintdef(k.oid)) ORDER BY k.contype, k.conname), '[]')
                    FROM pg_constraint AS k
                    WHERE k.conrelid = c.oid AND k.contype IN ('c', 'f', 'u', 'x')),
    'triggers', (SELECT coalesce(json_agg(t.tgname ORDER BY t.tgname), '[]')
                 FROM pg_trigger AS t
                 WHERE t.tgrelid = c.oid AND NOT t.tgisinternal),
    'bytes', json_build_object('table', pg_table_size(c.oid), 'indexes', pg_indexes_size(c.oid)),
    'sequential_scans', pg_stat_get_numscans(c.oid))
FROM pg_class AS c
WHERE c.oid = to_regclass($1)
