-- When the server started; with its system identifier this tells a restart, a copy and another server apart.
SELECT pg_postmaster_start_time()::text
