-- A distance query without a table: the nearest of three vectors, and how far it is. $SCHEMA is where pgvector lives.
SELECT v.name || ' at ' || (v.embedding OPERATOR($SCHEMA.<->) '[1,2,3]'::$SCHEMA.vector)::text AS nearest
FROM (VALUES ('near', '[1,2,4]'::$SCHEMA.vector),
             ('far', '[9,9,9]'::$SCHEMA.vector),
             ('further', '[-9,-9,-9]'::$SCHEMA.vector)) AS v (name, embedding)
ORDER BY v.embedding OPERATOR($SCHEMA.<->) '[1,2,3]'::$SCHEMA.vector
LIMIT 1
