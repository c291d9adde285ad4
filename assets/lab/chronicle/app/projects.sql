-- What the API's list of projects shows.
SELECT t.id, t.name, count(s.id) AS sprints
  FROM teams t LEFT JOIN sprints s ON s.team_id = t.id
 GROUP BY t.id, t.name
 ORDER BY t.id
