-- The newest task of a sprint moves on; its trigger records the change.
UPDATE tasks
   SET status = CASE status WHEN 'todo' THEN 'in progress' WHEN 'in progress' THEN 'in review' WHEN 'in review' THEN 'done'
                ELSE 'todo' END::task_status,
       effort_hours = least(effort_hours + 0.25, 999)
 WHERE id = (SELECT max(id) FROM tasks WHERE sprint_id = $1)
RETURNING 'task ' || id
