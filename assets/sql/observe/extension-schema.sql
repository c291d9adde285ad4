-- The schema that an extension lives in, quoted; search_path need not lead there.
SELECT quote_ident(n.nspname)
FROM pg_extension AS e
JOIN pg_namespace AS n ON n.oid = e.extnamespace
WHERE e.extname = $1
