-- User tables with what is known of their rows without reading them: the statistics' live rows where they were ever
-- collected, else the planner's estimate (-1: never analysed); and how many rows were written, by which a count grows old.
SELECT format('%I.%I', n.nspname, c.relname) AS name,
       CASE WHEN s.n_live_tup > 0 THEN s.n_live_tup::float8 ELSE c.reltuples::float8 END AS estimate,
       (s.n_tup_ins + s.n_tup_upd + s.n_tup_del)::int8 AS writes,
       c.relpages::int8 AS pages
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_stat_user_tables AS s ON s.relid = c.oid
WHERE c.relkind IN ('r', 'm')
  AND c.relpersistence <> 't'
  AND NOT EXISTS (SELECT FROM pg_depend AS d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1
