-- Who answers: the server's identity, its version, and how this session is encrypted.
SELECT c.system_identifier::text,
       current_setting('server_version_num')::int4,
       current_setting('server_version'),
       pg_backend_pid(),
       pg_is_in_recovery(),
       s.version || ' ' || s.cipher
  FROM pg_control_system() AS c
  LEFT JOIN pg_stat_ssl AS s ON s.pid = pg_backend_pid() AND s.ssl
