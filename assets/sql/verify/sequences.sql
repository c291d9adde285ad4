-- Sequences with the column that each one belongs to or feeds.
SELECT format('%I.%I', n.nspname, c.relname) AS name,
       pg_sequence_last_value(c.oid) AS last_value,
       s.seqincrement AS increment,
       s.seqmin AS min,
       s.seqmax AS max,
       s.seqcycle AS cycle,
       o.relation,
       o.attribute
FROM pg_sequence AS s
JOIN pg_class AS c ON c.oid = s.seqrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN LATERAL (
    SELECT format('%I.%I', tn.nspname, t.relname) AS relation, format('%I', a.attname) AS attribute
    FROM pg_class AS t
    JOIN pg_namespace AS tn ON tn.oid = t.relnamespace
    JOIN pg_attribute AS a ON a.attrelid = t.oid
    JOIN pg_type AS y ON y.oid = a.atttypid AND y.typname IN ('int2', 'int4', 'int8')
    WHERE t.relkind IN ('r', 'p') AND (
        EXISTS (SELECT FROM pg_depend AS d
                WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
                  AND d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.refobjsubid = a.attnum)
        OR EXISTS (SELECT FROM pg_attrdef AS f
                   JOIN pg_depend AS d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
                   WHERE f.adrelid = t.oid AND f.adnum = a.attnum
                     AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid))
    ORDER BY t.relispartition, t.oid
    LIMIT 1
) AS o ON true
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND NOT EXISTS (SELECT FROM pg_depend AS d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1
