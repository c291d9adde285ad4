-- The sprints that are being worked on.
SELECT id FROM sprints WHERE state = 'active' ORDER BY id
