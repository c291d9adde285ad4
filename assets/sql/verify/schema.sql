-- Every object of the schema as (kind, object, definition). $1: views and SQL bodies may be compared by their text,
-- which only servers of the same major version print alike; otherwise by the objects that they refer to.
WITH own_schema AS (
    SELECT n.oid, n.nspname, n.nspowner, n.nspacl
    FROM pg_namespace AS n
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND n.nspname NOT LIKE 'pg\_toast%' AND n.nspname NOT LIKE 'pg\_temp%'
      AND NOT EXISTS (SELECT FROM pg_depend AS d
                      WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
), own_class AS (
    SELECT c.*, format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_class AS c
    JOIN own_schema AS n ON n.oid = c.relnamespace
    WHERE c.relpersistence <> 't'
      AND NOT EXISTS (SELECT FROM pg_depend AS d
                      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
), own_function AS (
    SELECT p.*, format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS name
    FROM pg_proc AS p
    JOIN own_schema AS n ON n.oid = p.pronamespace
    WHERE NOT EXISTS (SELECT FROM pg_depend AS d
                      WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
), own_type AS (
    SELECT t.*, format('%I.%I', n.nspname, t.typname) AS name
    FROM pg_type AS t
    JOIN own_schema AS n ON n.oid = t.typnamespace
    WHERE t.typtype IN ('c', 'd', 'e', 'r')
      AND (t.typrelid = 0 OR EXISTS (SELECT FROM pg_class AS c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
      AND NOT EXISTS (SELECT FROM pg_depend AS d
                      WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
), granted AS (
    SELECT 'schema ' || n.nspname AS object, n.nspowner AS owner, n.nspacl AS acl FROM own_schema AS n
    UNION ALL SELECT 'relation ' || c.name, c.relowner, c.relacl FROM own_class AS c
    UNION ALL SELECT 'function ' || p.name, p.proowner, p.proacl FROM own_function AS p
    UNION ALL SELECT 'type ' || t.name, t.typowner, t.typacl FROM own_type AS t
    UNION ALL
    SELECT format('column %s.%I', c.name, a.attname), c.relowner, a.attacl
    FROM own_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
    WHERE a.attacl IS NOT NULL AND NOT a.attisdropped
)
SELECT kind, object, definition
FROM (
    SELECT 'schema' AS kind, n.nspname::text AS object, 'owner ' || pg_get_userbyid(n.nspowner) AS definition
    FROM own_schema AS n

    UNION ALL
    SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
                          WHEN 'f' THEN 'foreign table' ELSE 'table' END,
           c.name,
           concat_ws('; ', 'owner ' || pg_get_userbyid(c.relowner),
                     CASE c.relpersistence WHEN 'u' THEN 'unlogged' END,
                     CASE WHEN c.relkind IN ('r', 'p') AND c.relreplident <> 'd'
                          THEN 'replica identity ' || c.relreplident::text END,
                     CASE WHEN c.relrowsecurity THEN 'row level security' END,
                     CASE WHEN c.relforcerowsecurity THEN 'forced' END,
                     CASE WHEN c.relkind = 'm' AND NOT c.relispopulated THEN 'not populated' END,
                     'with ' || array_to_string(c.reloptions, ', '),
                     pg_get_partkeydef(c.oid),
                     'partition ' || pg_get_expr(c.relpartbound, c.oid),
                     'of ' || (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno)
                               FROM pg_inherits AS i WHERE i.inhrelid = c.oid))
    FROM own_class AS c
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')

    UNION ALL
    SELECT 'column', format('%s.%I', c.name, a.attname),
           concat_ws('; ', format_type(a.atttypid, a.atttypmod),
                     CASE WHEN a.attnotnull THEN 'not null' END,
                     CASE WHEN a.attidentity <> '' THEN 'identity ' || a.attidentity::text END,
                     CASE WHEN a.attgenerated <> '' THEN 'generated ' || a.attgenerated::text END,
                     'default ' || pg_get_expr(d.adbin, d.adrelid),
                     CASE WHEN a.attcollation <> t.typcollation THEN 'collate ' || a.attcollation::regcollation::text END)
    FROM own_class AS c
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type AS t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')

    UNION ALL
    SELECT 'constraint', format('%s %I', coalesce(c.name, t.name), k.conname),
           pg_get_constraintdef(k.oid) || CASE WHEN k.convalidated THEN '' ELSE ' (not validated)' END
    FROM pg_constraint AS k
    LEFT JOIN own_class AS c ON c.oid = k.conrelid
    LEFT JOIN own_type AS t ON t.oid = k.contypid
    WHERE k.contype <> 'n' AND coalesce(c.name, t.name) IS NOT NULL

    UNION ALL
    SELECT 'index', c.name,
           pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid THEN '' ELSE ' (invalid)' END
           || CASE WHEN i.indisclustered THEN ' (clustered)' ELSE '' END
    FROM pg_index AS i JOIN own_class AS c ON c.oid = i.indexrelid

    UNION ALL
    SELECT 'statistics', format('%I.%I', n.nspname, s.stxname), pg_get_statisticsobjdef(s.oid)
    FROM pg_statistic_ext AS s JOIN own_schema AS n ON n.oid = s.stxnamespace

    UNION ALL
    SELECT 'trigger', format('%s %I', c.name, g.tgname),
           pg_get_triggerdef(g.oid) || ' enabled ' || g.tgenabled::text
    FROM pg_trigger AS g JOIN own_class AS c ON c.oid = g.tgrelid
    WHERE NOT g.tgisinternal

    UNION ALL
    SELECT 'policy', format('%s %I', c.name, p.polname),
           concat_ws('; ', p.polcmd::text, p.polpermissive::text,
                     (SELECT string_agg(CASE r WHEN 0 THEN 'public' ELSE pg_get_userbyid(r)::text END, ', ' ORDER BY 1)
                      FROM unnest(p.polroles) AS r),
                     pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
    FROM pg_policy AS p JOIN own_class AS c ON c.oid = p.polrelid

    UNION ALL
    SELECT 'rule', format('%s %I', c.name, r.rulename),
           CASE WHEN $1 THEN pg_get_ruledef(r.oid) ELSE concat(r.ev_type::text, r.is_instead::text) END
    FROM pg_rewrite AS r JOIN own_class AS c ON c.oid = r.ev_class
    WHERE r.rulename <> '_RETURN'

    UNION ALL
    SELECT 'view definition', c.name,
           CASE WHEN $1 THEN pg_get_viewdef(c.oid)
                ELSE 'refers to ' || coalesce((
                    SELECT string_agg(DISTINCT pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid), ', '
                                      ORDER BY pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid))
                    FROM pg_rewrite AS r
                    JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.deptype = 'n'
                    WHERE r.ev_class = c.oid
                      AND NOT (d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid)), 'nothing') END
    FROM own_class AS c
    WHERE c.relkind IN ('v', 'm')

    UNION ALL
    SELECT 'function', p.name,
           concat_ws('; ', p.prokind::text, 'owner ' || pg_get_userbyid(p.proowner), pg_get_function_result(p.oid),
                     pg_get_function_arguments(p.oid),
                     (SELECT l.lanname FROM pg_language AS l WHERE l.oid = p.prolang)::text,
                     p.provolatile::text, p.proparallel::text,
                     CASE WHEN p.proisstrict THEN 'strict' END, CASE WHEN p.prosecdef THEN 'security definer' END,
                     CASE WHEN p.proleakproof THEN 'leakproof' END, array_to_string(p.proconfig, ', '),
                     'body ' || md5(coalesce(CASE WHEN p.prosqlbody IS NULL THEN p.prosrc
                                                  WHEN $1 THEN pg_get_function_sqlbody(p.oid) END, '')))
    FROM own_function AS p

    UNION ALL
    SELECT 'type', t.name,
           concat_ws('; ', t.typtype::text, 'owner ' || pg_get_userbyid(t.typowner),
                     (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder)
                      FROM pg_enum AS e WHERE e.enumtypid = t.oid),
                     CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
                     CASE WHEN t.typnotnull THEN 'not null' END, 'default ' || t.typdefault,
                     (SELECT format_type(r.rngsubtype, NULL) FROM pg_range AS r WHERE r.rngtypid = t.oid))
    FROM own_type AS t

    UNION ALL
    SELECT 'sequence definition', c.name,
           concat_ws(' ', format_type(s.seqtypid, NULL), 'start', s.seqstart, 'increment', s.seqincrement,
                     'min', s.seqmin, 'max', s.seqmax, 'cache', s.seqcache, CASE WHEN s.seqcycle THEN 'cycle' END)
    FROM pg_sequence AS s JOIN own_class AS c ON c.oid = s.seqrelid

    UNION ALL
    SELECT 'grant', g.object,
           string_agg(concat_ws(' ', CASE e.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(e.grantee)::text END,
                                e.privilege_type, CASE WHEN e.is_grantable THEN 'grantable' END), ', '
                      ORDER BY e.grantee = 0, pg_get_userbyid(e.grantee), e.privilege_type)
    FROM granted AS g
    CROSS JOIN LATERAL aclexplode(g.acl) AS e
    WHERE e.grantee <> g.owner
    GROUP BY g.object

    UNION ALL
    SELECT 'default grant', concat_ws(' ', pg_get_userbyid(d.defaclrole), d.defaclnamespace::regnamespace::text,
                                      d.defaclobjtype::text), d.defaclacl::text
    FROM pg_default_acl AS d

    UNION ALL
    SELECT 'event trigger', e.evtname::text, concat_ws(' ', e.evtevent, e.evtfoid::regproc::text, e.evtenabled::text,
                                                       array_to_string(e.evttags, ', '))
    FROM pg_event_trigger AS e
    WHERE NOT EXISTS (SELECT FROM pg_depend AS d
                      WHERE d.classid = 'pg_event_trigger'::regclass AND d.objid = e.oid AND d.deptype = 'e')

    UNION ALL
    SELECT 'comment', pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description
    FROM pg_description AS d
    WHERE (d.classoid = 'pg_class'::regclass AND EXISTS (SELECT FROM own_class AS c WHERE c.oid = d.objoid))
       OR (d.classoid = 'pg_proc'::regclass AND EXISTS (SELECT FROM own_function AS p WHERE p.oid = d.objoid))
       OR (d.classoid = 'pg_type'::regclass AND EXISTS (SELECT FROM own_type AS t WHERE t.oid = d.objoid))

    UNION ALL
    SELECT 'extension', e.extname::text, 'in ' || e.extnamespace::regnamespace::text
    FROM pg_extension AS e
) AS objects (kind, object, definition)
ORDER BY kind, object
