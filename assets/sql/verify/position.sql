-- Where the server is: identifier, version, position and next transaction id.
-- From PostgreSQL 15 on, where statistics lose nothing, also what they know by then: rows written to the database's tables
-- and catalogue, without what an analysis writes there; how often tables were analysed; rows written in the server's other
-- databases; and how many may still have something to count: workers of autovacuum, and this database's clients but ours that
-- have not been idle for longer than a session keeps its counts to itself (PGSTAT_IDLE_INTERVAL, 10 s).
SELECT s.system_identifier::text AS system,
       v.version,
       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END::text AS lsn,
       pg_snapshot_xmax(pg_current_snapshot())::text AS next_xid,
       t.written,
       t.analyses,
       (SELECT coalesce(sum(d.tup_inserted + d.tup_updated + d.tup_deleted), 0)::int8
        FROM pg_stat_database AS d
        WHERE d.datname IS DISTINCT FROM current_database()) AS elsewhere,
       (SELECT count(*)
        FROM pg_stat_activity AS a
        WHERE a.backend_type LIKE 'autovacuum%worker%'
           OR (a.datname = current_database()
               AND a.usesysid IS NOT NULL
               AND a.application_name NOT LIKE 'pgcutover/%'
               AND (a.state IS DISTINCT FROM 'idle' OR a.state_change > clock_timestamp() - interval '11 s'))) AS at_work
FROM pg_control_system() AS s
CROSS JOIN (SELECT current_setting('server_version_num')::int) AS v (version)
LEFT JOIN LATERAL (
    SELECT coalesce(sum(pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid)
                        + pg_stat_get_tuples_deleted(c.oid))
                    FILTER (WHERE c.relname NOT IN ('pg_statistic', 'pg_statistic_ext_data')), 0)::int8 AS written,
           coalesce(sum(pg_stat_get_analyze_count(c.oid) + pg_stat_get_autoanalyze_count(c.oid)), 0)::int8 AS analyses
    FROM pg_class AS c
    WHERE c.relkind IN ('r', 'm', 'p')
) AS t ON v.version >= 150000
