-- Tables and materialised views with their columns in order. Partitions stand for their parents.
SELECT format('%I.%I', n.nspname, c.relname) AS name,
       c.relkind::text AS kind,
       c.relpersistence::text AS persistence,
       c.reltuples::float8 AS estimate,
       pg_table_size(c.oid) AS bytes,
       EXISTS (SELECT FROM pg_depend AS d
               WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') AS of_extension,
       coalesce(a.names, '{}') AS columns,
       coalesce(a.types, '{}') AS types,
       coalesce(a.exact, '{}') AS exact,
       coalesce(k.names, '{}') AS key
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN LATERAL (
    SELECT array_agg(a.attname::text ORDER BY a.attnum) AS names,
           array_agg(b.base ORDER BY a.attnum) AS types,
           array_agg(coalesce(l.collisdeterministic, true) ORDER BY a.attnum) AS exact
    FROM pg_attribute AS a
    LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
    CROSS JOIN LATERAL (
        WITH RECURSIVE up AS (
            SELECT t.oid, t.typtype, t.typbasetype FROM pg_type AS t WHERE t.oid = a.atttypid
            UNION ALL
            SELECT t.oid, t.typtype, t.typbasetype FROM up JOIN pg_type AS t ON t.oid = up.typbasetype
            WHERE up.typtype = 'd'
        )
        SELECT format_type(up.oid, NULL) AS base FROM up WHERE up.typtype <> 'd'
    ) AS b
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
) AS a ON true
LEFT JOIN LATERAL (
    SELECT array_agg(a.attname::text ORDER BY p.place) AS names
    FROM (SELECT i.indkey FROM pg_index AS i
          WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
            AND NOT EXISTS (SELECT FROM unnest(i.indkey) AS u (attnum)
                            JOIN pg_attribute AS x ON x.attrelid = c.oid AND x.attnum = u.attnum
                            WHERE NOT x.attnotnull)
          ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid
          LIMIT 1) AS i
    CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS p (attnum, place)
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = p.attnum
) AS k ON true
WHERE c.relkind IN ('r', 'm', 'f')
  AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname NOT LIKE 'pg\_toast%'
  AND n.nspname NOT LIKE 'pg\_temp%'
ORDER BY 1
