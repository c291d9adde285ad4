-- In the same transaction as the change that it names.
INSERT INTO request_log (request_id, operation, entity) VALUES ($1::text::uuid, $2, $3)
