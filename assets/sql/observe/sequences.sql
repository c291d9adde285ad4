-- Sequences with their last value and the column that each one feeds. A sequence ends where its column's type ends. Links
-- are read as a whole and joined: right after a restore the planner knows nothing of the catalogue, and a search for each
-- sequence of thousands would take minutes.
WITH s AS MATERIALIZED (
    SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name, s.*
    FROM pg_sequence AS s
    JOIN pg_class AS c ON c.oid = s.seqrelid AND c.relpersistence <> 't'
    JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname NOT IN ('pg_catalog', 'information_schema')
), link AS MATERIALIZED (
    SELECT d.objid AS sequence, d.refobjid AS relid, d.refobjsubid AS attnum
    FROM pg_depend AS d
    WHERE d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
      AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
    UNION ALL
    SELECT d.refobjid, f.adrelid, f.adnum
    FROM pg_depend AS d
    JOIN pg_attrdef AS f ON f.oid = d.objid
    WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass
), led AS MATERIALIZED (
    SELECT DISTINCT i.indrelid AS relid, i.indkey[0] AS attnum
    FROM pg_index AS i
    JOIN pg_class AS x ON x.oid = i.indexrelid
    JOIN pg_am AS m ON m.oid = x.relam AND m.amname = 'btree'
    WHERE i.indisvalid AND i.indpred IS NULL
), fed AS MATERIALIZED (
    SELECT DISTINCT ON (link.sequence)
           link.sequence,
           format('%I.%I', n.nspname, t.relname) AS relation,
           format('%I', a.attname) AS attribute,
           CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 END::int8 AS high,
           CASE a.atttypid WHEN 'int2'::regtype THEN -32768 WHEN 'int4'::regtype THEN -2147483648 END::int8 AS low,
           led.relid IS NOT NULL
               AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) AS indexed
    FROM link
    JOIN s ON s.oid = link.sequence
    JOIN pg_class AS t ON t.oid = link.relid AND t.relkind IN ('r', 'p')
    JOIN pg_namespace AS n ON n.oid = t.relnamespace
    JOIN pg_attribute AS a ON a.attrelid = link.relid AND a.attnum = link.attnum
    LEFT JOIN led ON led.relid = link.relid AND led.attnum = link.attnum
    ORDER BY link.sequence, t.relispartition, t.oid
), foreign_ones AS MATERIALIZED (
    SELECT d.objid FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'e'
)
SELECT s.name,
       r.readable,
       CASE WHEN r.readable THEN pg_sequence_last_value(s.oid) END AS last,
       s.seqincrement AS increment,
       CASE WHEN s.seqincrement > 0 THEN least(s.seqmax, fed.high) ELSE greatest(s.seqmin, fed.low) END AS "end",
       s.seqcycle AS cycles,
       fed.relation,
       fed.attribute,
       coalesce(fed.indexed, false) AS indexed
FROM s
CROSS JOIN LATERAL (SELECT has_sequence_privilege(s.oid, 'SELECT, USAGE') AS readable) AS r
LEFT JOIN fed ON fed.sequence = s.oid
WHERE NOT EXISTS (SELECT FROM foreign_ones AS e WHERE e.objid = s.oid)
ORDER BY 1
