-- Where the server is: identifier, version, position and next transaction id.
SELECT s.system_identifier::text AS system,
       current_setting('server_version_num')::int AS version,
       CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END::text AS lsn,
       pg_snapshot_xmax(pg_current_snapshot())::text AS next_xid
FROM pg_control_system() AS s
