-- Whether the database moves: the next transaction id, the position, and what was written by the statistics' count.
SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next_xid,
       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END::text AS lsn,
       (SELECT coalesce(sum(t.n_tup_ins + t.n_tup_upd + t.n_tup_del), 0)::bigint
        FROM pg_stat_user_tables AS t) AS tuples,
       (SELECT count(*) FROM pg_stat_activity AS a WHERE a.backend_type LIKE 'autovacuum%worker%') AS maintenance,
       pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees_all
