-- Where the server is: identifier, version, position and next transaction id.
-- From PostgreSQL 15 on, where statistics lose nothing, also what they know of the database by then: rows written to its
-- tables and large objects, how often tables were analysed, and workers of autovacuum that are at work.
SELECT s.system_identifier::text AS system,
       v.version,
       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END::text AS lsn,
       pg_snapshot_xmax(pg_current_snapshot())::text AS next_xid,
       t.written,
       t.analyses,
       (SELECT count(*) FROM pg_stat_activity AS a WHERE a.backend_type LIKE 'autovacuum%worker%') AS at_work
FROM pg_control_system() AS s
CROSS JOIN (SELECT current_setting('server_version_num')::int) AS v (version)
LEFT JOIN LATERAL (
    SELECT coalesce(sum(pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid)
                        + pg_stat_get_tuples_deleted(c.oid))
                    FILTER (WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'
                               OR c.relname IN ('pg_largeobject', 'pg_largeobject_metadata')), 0)::int8 AS written,
           coalesce(sum(pg_stat_get_analyze_count(c.oid) + pg_stat_get_autoanalyze_count(c.oid)), 0)::int8 AS analyses
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm', 'p')
) AS t ON v.version >= 150000
