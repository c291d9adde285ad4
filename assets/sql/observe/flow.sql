-- What this database has done since its statistics began, and where the server's write-ahead log is.
SELECT (d.xact_commit + d.xact_rollback)::int8 AS transactions,
       (d.tup_inserted + d.tup_updated + d.tup_deleted)::int8 AS writes,
       w.lsn::text AS lsn,
       (w.lsn - '0/0'::pg_lsn)::int8 AS bytes
FROM pg_stat_database AS d,
     (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END) AS w (lsn)
WHERE d.datname = current_database()
