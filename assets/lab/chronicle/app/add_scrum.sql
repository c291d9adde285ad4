-- A daily scrum: sprint, member, what comes today.
INSERT INTO daily_scrums (sprint_id, member, today, impediments, mood)
VALUES ($1, $2, $3, ARRAY['none'], 4.5)
RETURNING 'scrum ' || id
