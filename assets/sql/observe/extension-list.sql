-- Every extension that is installed or could be, with the versions that the server offers.
SELECT coalesce(e.extname, v.name)::text AS name, e.extversion AS installed, coalesce(v.versions, '{}') AS available
FROM pg_extension AS e
FULL JOIN (SELECT o.name, array_agg(o.version ORDER BY o.version) AS versions
           FROM pg_available_extension_versions AS o
           GROUP BY o.name) AS v ON v.name = e.extname
ORDER BY 1
