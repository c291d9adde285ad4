-- The server's identity can be read; it tells blue from green whatever their names and addresses.
SELECT has_function_privilege(current_user, 'pg_catalog.pg_control_system()', 'EXECUTE')
