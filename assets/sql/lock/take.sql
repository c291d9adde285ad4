-- Takes the lock of whoever drives a cutover of this database; it lasts as long as the session.
SELECT pg_try_advisory_lock($1)
