-- Deterministic: every value comes from its row's number. `lab.scale` multiplies the number of teams.
INSERT INTO teams (name, "timeZone", settings)
SELECT 'Team ' || n, (ARRAY['Europe/Vienna', 'UTC', 'America/Toronto', 'Asia/Kolkata'])[1 + n % 4],
       jsonb_build_object('capacity', 20 + n % 15, 'remote', n % 2 = 0, 'motto', 'Überall ' || n)
  FROM generate_series(1, ceil(4 * current_setting('lab.scale')::numeric)::int) n;

INSERT INTO sprints (team_id, name, goal, starts_on, ends_on, state, tags, settings)
SELECT t.id, 'Sprint ' || n, CASE WHEN n % 7 <> 0 THEN 'Goal ' || md5(t.id || '/' || n) END,
       date '2024-01-01' + 14 * (n - 1), date '2024-01-01' + 14 * n - 3,
       (CASE WHEN n < 25 THEN 'closed' WHEN n = 25 THEN 'active' ELSE 'planned' END)::sprint_state,
       ARRAY['q' || 1 + (n - 1) / 7, CASE WHEN n % 3 = 0 THEN 'release' ELSE 'internal' END],
       jsonb_build_object('wip', 3 + n % 4, 'reviewers', jsonb_build_array('ada', 'grace'), 'ratio', n / 8.0)
  FROM teams t, generate_series(1, 26) n
 ORDER BY n, t.id;

INSERT INTO tasks (sprint_id, title, description, status, points, "assigneeName", labels, attributes, effort_hours,
                   created_at, updated_at)
SELECT s.id, 'Task ' || n || ' of ' || s.name,
       CASE WHEN n % 5 <> 0 THEN 'Keep the ' || (ARRAY['ledger', 'console', 'schedule', 'archive'])[1 + n % 4]
            || ' in order: ' || md5(s.id || ':' || n) END,
       (CASE WHEN s.state = 'closed' AND n % 11 = 0 THEN 'won''t do' WHEN s.state = 'closed' THEN 'done'
             WHEN s.state = 'active' AND n % 3 = 0 THEN 'in progress' ELSE 'todo' END)::task_status,
       (ARRAY[0, 1, 2, 3, 5, 8, 13, 21])[1 + n % 8],
       CASE WHEN n % 9 <> 0 THEN (ARRAY['ada', 'grace', 'edsger', 'Łukasz', 'O''Neill'])[1 + n % 5] END,
       ARRAY(SELECT 'label-' || k FROM generate_series(1, n % 4) k),
       CASE WHEN n % 6 = 0 THEN '{}' ELSE jsonb_build_object('risk', n % 10 / 10.0, 'links', jsonb_build_array(n, null, 'x'),
            'note', E'line one\nline "two"') END,
       (n % 40) * 0.25,
       s.starts_on::timestamp AT TIME ZONE 'UTC' + n * interval '37 minutes',
       s.starts_on::timestamp AT TIME ZONE 'UTC' + n * interval '53 minutes'
  FROM sprints s, generate_series(1, 100) n
 ORDER BY s.id, n;

INSERT INTO task_status_changes (task_id, was, became, changed_at)
SELECT t.id, was, became, t.created_at + step * interval '1 day'
  FROM tasks t, (VALUES (1, NULL::task_status, 'todo'::task_status), (2, 'todo', 'in progress')) c (step, was, became)
 WHERE t.status <> 'todo' OR step = 1
 ORDER BY t.id, step;

INSERT INTO daily_scrums (sprint_id, member, yesterday, today, impediments, mood, held_at)
SELECT s.id, (ARRAY['ada', 'grace', 'edsger', 'barbara', 'Łukasz'])[1 + n % 5],
       'Finished ' || md5('y' || s.id || n), 'Will do ' || md5('t' || s.id || n),
       CASE WHEN n % 8 = 0 THEN ARRAY['waiting for review', 'registry, again'] ELSE '{}' END,
       CASE WHEN n % 4 <> 0 THEN (n % 10) / 2.0 END,
       s.starts_on::timestamp AT TIME ZONE 'UTC' + (n / 5) * interval '12 hours'
  FROM sprints s, generate_series(1, 50) n
 ORDER BY s.id, n;

INSERT INTO "Retrospectives" ("Id", "SprintId", "Went Well", "To Improve", "actionItems", "order")
SELECT md5('retrospective ' || s.id)::uuid, s.id, 'Paired on ' || s.name,
       CASE WHEN s.id % 3 = 0 THEN 'Smaller tasks' END,
       jsonb_build_array(jsonb_build_object('owner', 'grace', 'done', s.id % 2 = 0)), s.id % 5
  FROM sprints s WHERE s.state = 'closed' ORDER BY s.id;

INSERT INTO "Analytics".burndown (sprint_id, day, remaining_points, ideal_points)
SELECT s.id, s.starts_on + d, greatest(0, 400 - d * 37.25 - s.id % 9), 400 * (1 - d / 11.0)
  FROM sprints s, generate_series(0, 11) d;

INSERT INTO request_log (request_id, operation, entity, received_at)
SELECT md5('import ' || id)::uuid, 'import', 'task ' || id, created_at FROM tasks WHERE id % 5 = 0;

INSERT INTO documents (id, title, body, checksum, keywords)
SELECT md5('document ' || n)::uuid, 'Report ' || n, repeat(md5(n::text) || ' ', 120), decode(md5('sum ' || n), 'hex'),
       ARRAY[NULL, 'report', 'q' || 1 + n % 4]
  FROM generate_series(1, ceil(100 * current_setting('lab.scale')::numeric)::int) n;
