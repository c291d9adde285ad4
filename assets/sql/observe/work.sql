-- Long work that is under way in this database. A table that another transaction makes does not show in the catalogue yet:
-- then the statement names it.
SELECT w.kind, w.pid, w.phase, w.done, w.total, w.unit, w.rows,
       coalesce(format('%I.%I', n.nspname, c.relname),
                substring(a.query FROM '(?i)^\s*COPY\s+((?:"(?:[^"]|"")+"|[^\s(."]+)(?:\.(?:"(?:[^"]|"")+"|[^\s(."]+))?)')) AS relation
FROM (SELECT 'copy' AS kind, p.pid, p.datid, p.relid, p.command || ' ' || p.type AS phase, p.bytes_processed AS done,
             nullif(p.bytes_total, 0) AS total, 'bytes' AS unit, p.tuples_processed AS rows
      FROM pg_stat_progress_copy AS p
      UNION ALL
      SELECT 'create-index', p.pid, p.datid, p.relid, p.command || ': ' || p.phase,
             CASE WHEN p.tuples_total > 0 THEN p.tuples_done ELSE p.blocks_done END,
             nullif(CASE WHEN p.tuples_total > 0 THEN p.tuples_total ELSE p.blocks_total END, 0),
             CASE WHEN p.tuples_total > 0 THEN 'rows' ELSE 'blocks' END, NULL
      FROM pg_stat_progress_create_index AS p
      UNION ALL
      SELECT 'vacuum', p.pid, p.datid, p.relid, p.phase, p.heap_blks_scanned, nullif(p.heap_blks_total, 0), 'blocks', NULL
      FROM pg_stat_progress_vacuum AS p
      UNION ALL
      SELECT 'analyze', p.pid, p.datid, p.relid, p.phase, p.sample_blks_scanned, nullif(p.sample_blks_total, 0), 'blocks', NULL
      FROM pg_stat_progress_analyze AS p
      UNION ALL
      SELECT 'cluster', p.pid, p.datid, p.relid, p.command || ': ' || p.phase, p.heap_blks_scanned,
             nullif(p.heap_blks_total, 0), 'blocks', NULL
      FROM pg_stat_progress_cluster AS p) AS w
JOIN pg_database AS d ON d.oid = w.datid AND d.datname = current_database()
LEFT JOIN pg_class AS c ON c.oid = w.relid
LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_stat_activity AS a ON a.pid = w.pid
ORDER BY w.kind, w.pid
LIMIT 100
