-- The database's settings can be changed, which takes its owner.
SELECT pg_has_role(current_user, d.datdba, 'USAGE') FROM pg_database AS d WHERE d.datname = current_database()
