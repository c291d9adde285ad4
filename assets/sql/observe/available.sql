-- The versions of the named extensions that this server could install.
SELECT v.name::text AS name, v.version
FROM pg_available_extension_versions AS v
WHERE v.name = ANY ($1)
ORDER BY v.name, v.version
