-- Every request that is in the database: how often, and whether what it made is there too.
SELECT request_id::text, count(*),
       bool_and(CASE split_part(entity, ' ', 1)
                WHEN 'task' THEN EXISTS (SELECT FROM tasks WHERE id = split_part(entity, ' ', 2)::bigint)
                WHEN 'scrum' THEN EXISTS (SELECT FROM daily_scrums WHERE id = split_part(entity, ' ', 2)::integer)
                WHEN 'retrospective' THEN EXISTS (SELECT FROM "Retrospectives" WHERE "Id" = split_part(entity, ' ', 2)::uuid)
                ELSE false END)
  FROM request_log
 WHERE operation <> 'import'
 GROUP BY request_id
