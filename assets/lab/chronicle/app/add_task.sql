-- A task: sprint, title, description.
INSERT INTO tasks (sprint_id, title, description, points, labels, attributes)
VALUES ($1, $2, $3, 3, ARRAY['live'], '{"source": "api"}')
RETURNING 'task ' || id
