-- After the load, as a restore does it.
CREATE INDEX tasks_by_sprint ON tasks (sprint_id, status);
CREATE INDEX tasks_labels ON tasks USING gin (labels);
CREATE INDEX tasks_search ON tasks USING gin (search);
CREATE INDEX "tasks by Assignee" ON tasks (lower("assigneeName")) WHERE "assigneeName" IS NOT NULL;
CREATE INDEX task_status_changes_by_task ON task_status_changes (task_id);
CREATE INDEX daily_scrums_by_sprint ON daily_scrums (sprint_id, held_at DESC);
CREATE INDEX request_log_by_request ON request_log (request_id);
ALTER TABLE task_status_changes ADD FOREIGN KEY (task_id) REFERENCES tasks;

CREATE TRIGGER touch BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER "record Status" AFTER UPDATE OF status ON tasks FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION record_status_change();

CREATE MATERIALIZED VIEW "Analytics".team_velocity AS
    SELECT s.team_id, s.name AS sprint, sum(t.points) AS points, count(*) AS tasks
      FROM sprints s JOIN tasks t ON t.sprint_id = s.id
     WHERE t.status = 'done'
     GROUP BY s.team_id, s.name;
CREATE UNIQUE INDEX team_velocity_key ON "Analytics".team_velocity (team_id, sprint);

COMMENT ON SCHEMA "Analytics" IS 'What the dashboards read';
COMMENT ON TABLE tasks IS 'What is to be done; the team''s view of it';
COMMENT ON COLUMN tasks."assigneeName" IS 'Free text, from before there were accounts';
COMMENT ON FUNCTION sprint_progress(bigint) IS 'Per cent of the sprint''s tasks that are done';

GRANT USAGE ON SCHEMA public, "Analytics" TO chronicle_readonly;
GRANT SELECT ON ALL TABLES IN SCHEMA public, "Analytics" TO chronicle_readonly;
GRANT EXECUTE ON FUNCTION sprint_progress(bigint) TO chronicle_readonly;
GRANT UPDATE (labels) ON tasks TO chronicle_readonly;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO chronicle_readonly;
