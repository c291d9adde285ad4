-- An extension: the version that is installed, and those that could be.
SELECT (SELECT e.extversion FROM pg_extension AS e WHERE e.extname = $1) AS installed,
       ARRAY(SELECT v.version FROM pg_available_extension_versions AS v WHERE v.name = $1) AS available
