-- No row is hidden from this role by row-level security: a count or a dump would leave it out.
SELECT NOT EXISTS (SELECT FROM pg_class AS c WHERE c.relkind IN ('r', 'p') AND row_security_active(c.oid))
