-- Sessions of other roles can be ended.
SELECT pg_has_role(current_user, 'pg_signal_backend', 'USAGE')
