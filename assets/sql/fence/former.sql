-- The database's own default_transaction_read_only, when it has one.
SELECT current_database()::text AS database,
       (SELECT split_part(c.setting, '=', 2)
        FROM pg_db_role_setting AS s
        CROSS JOIN LATERAL unnest(s.setconfig) AS c (setting)
        WHERE s.setrole = 0
          AND s.setdatabase = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
          AND split_part(c.setting, '=', 1) = 'default_transaction_read_only') AS former
