-- Whether the database is shut: its sessions default to read-only transactions.
SELECT EXISTS (SELECT
               FROM pg_db_role_setting AS s
               JOIN pg_database AS d ON d.oid = s.setdatabase
               WHERE d.datname = current_database()
                 AND s.setrole = 0
                 AND 'default_transaction_read_only=on' = ANY (s.setconfig))
