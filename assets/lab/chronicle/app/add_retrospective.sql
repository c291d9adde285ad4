-- A retrospective: sprint, what went well.
INSERT INTO "Retrospectives" ("SprintId", "Went Well") VALUES ($1, $2)
RETURNING 'retrospective ' || "Id"
