-- User tables with what is known of their rows without reading them: the statistics' live rows, the planner's estimate
-- (-1: never analysed), and how many rows were written, by which a count grows old. The statistics' functions instead of
-- their view, which counts every index as well.
SELECT c.oid,
       format('%I.%I', n.nspname, c.relname) AS name,
       pg_stat_get_live_tuples(c.oid)::int8 AS live,
       c.reltuples::float8 AS planned,
       (pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid))::int8
           AS writes,
       c.relpages::int8 AS pages,
       c.relkind = 'm' AS materialized,
       pg_stat_get_dead_tuples(c.oid)::int8 AS dead,
       greatest(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid)) AS vacuumed,
       greatest(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)) AS analyzed
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm')
  AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname !~ '^pg_toast'
  AND NOT EXISTS (SELECT FROM pg_depend AS d
                  WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 2
