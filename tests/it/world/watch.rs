//! The watch of readings, on real servers.

use std::time::Duration;

use pgcutover::model::{CallTarget, Focus, Observed, Side};
use pgcutover::observe;
use pgcutover::world::{Access, SessionKind};
use tokio::sync::watch::Receiver;
use tokio_util::sync::CancellationToken;

use crate::support::{Server, installations, uri, world};

const NOWHERE: &str = "host=127.0.0.1 port=1 user=nobody";
const REFRESH: Duration = Duration::from_millis(200);

async fn until(watch: &mut Receiver<Observed>, what: impl FnMut(&Observed) -> bool) -> Observed {
    let seen = tokio::time::timeout(Duration::from_secs(20), watch.wait_for(what)).await;
    seen.expect("it is seen in time").unwrap().clone()
}

#[tokio::test]
async fn both_sides_are_read_and_an_absent_one_is_unknown_and_never_zero() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.blue);
    let client = server.client().await;
    client
        .batch_execute(
            "CREATE TABLE \"Task\" (n int); INSERT INTO \"Task\" SELECT generate_series(1, 7)",
        )
        .await
        .unwrap();
    let world = world(&uri(&server), NOWHERE, Access::ReadOnly).await;
    let stop = CancellationToken::new();
    let mut watch = observe::watch(&world, REFRESH, stop.clone()).observed;
    let seen = until(&mut watch, |seen| {
        let blue = &seen.blue;
        blue.tables.fresh().is_some()
            && blue.clients.fresh().is_some()
            && blue.size.fresh().is_some()
            && blue.extensions.fresh().is_some()
    })
    .await;
    let task = seen.blue.tables.fresh().unwrap().get("public.\"Task\"").unwrap();
    assert_eq!((task.count(), task.is_exact()), (Some(7), true));
    assert_eq!(seen.blue.clients.fresh(), Some(&1), "ours are not counted");
    assert!(seen.blue.size.fresh().is_some_and(|size| *size > 1_000_000));
    assert_eq!(seen.blue.extensions.fresh().unwrap()["plpgsql"].installed.as_deref(), Some("1.0"));
    assert_eq!(seen.green.tables.value(), None);
    client.batch_execute("INSERT INTO \"Task\" VALUES (8)").await.unwrap();
    until(&mut watch, |seen| {
        let tables = seen.blue.tables.fresh();
        tables.is_some_and(|all| {
            let task = all.get("public.\"Task\"").unwrap();
            task.count() == Some(8) && task.is_exact()
        })
    })
    .await;
    stop.cancel();
}

#[tokio::test]
async fn readings_grow_stale_when_the_server_goes_and_fresh_when_it_is_back() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.blue);
    let world = world(&uri(&server), NOWHERE, Access::ReadOnly).await;
    let stop = CancellationToken::new();
    let mut watch = observe::watch(&world, REFRESH, stop.clone()).observed;
    until(&mut watch, |seen| seen.blue.size.fresh().is_some()).await;
    let close = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pgcutover/%'";
    let client = server.connect(server.config().dbname("template1")).await;
    client.batch_execute("ALTER DATABASE postgres ALLOW_CONNECTIONS false").await.unwrap();
    client.batch_execute(close).await.unwrap();
    let seen = until(&mut watch, |seen| seen.blue.size.fresh().is_none()).await;
    assert!(seen.blue.size.value().is_some(), "what was known is still shown");
    client.batch_execute("ALTER DATABASE postgres ALLOW_CONNECTIONS true").await.unwrap();
    until(&mut watch, |seen| seen.blue.size.fresh().is_some()).await;
    stop.cancel();
}

#[tokio::test]
async fn what_a_server_does_is_seen_and_whose_sessions_there_are() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.blue);
    let client = server.client().await;
    client
        .batch_execute(
            "CREATE TABLE task (id serial PRIMARY KEY, name text); CREATE INDEX ON task (name);
             INSERT INTO task (id, name) VALUES (7, 'a'), (8, 'b');
             ALTER DATABASE postgres SET work_mem = '5MB'; SET application_name = 'writer'",
        )
        .await
        .unwrap();
    client.batch_execute("BEGIN; INSERT INTO task (name) VALUES ('secret')").await.unwrap();
    let world = world(&uri(&server), NOWHERE, Access::ReadOnly).await;
    let stop = CancellationToken::new();
    let mut eyes = observe::watch(&world, REFRESH, stop.clone());
    let _ = eyes.focus.send(Focus { table: Some("public.task".into()), log: None });
    let furthest = |seen: &Observed| {
        let all = seen.blue.sequences.value();
        all.is_some_and(|all| all["public.task_id_seq"].furthest.is_some())
    };
    let seen = until(&mut eyes.observed, |seen| {
        let blue = &seen.blue;
        let size =
            blue.tables.value().is_some_and(|all| all.get("public.task").unwrap().bytes.is_some());
        furthest(seen) && size && blue.flow.value().is_some() && blue.details.value().is_some()
    })
    .await;
    let blue = &seen.blue;
    let connections = blue.connections.value().unwrap();
    assert_eq!((connections.max, connections.roles[0].total, connections.ours), (50, 1, 1));
    let open = blue.transactions.value().unwrap();
    assert_eq!((open.open, open.idle), (1, 1));
    let writer = &blue.sessions.value().unwrap().clients[0];
    assert_eq!((writer.application.as_str(), writer.writing), ("writer", true));
    assert_eq!(writer.address.as_deref(), Some("127.0.0.1"));
    let statement = writer.statement.as_deref().unwrap();
    assert!(statement.contains("BEGIN; INSERT INTO task (name) VALUES (?)"), "{statement}");
    let sequence = &blue.sequences.value().unwrap()["public.task_id_seq"];
    assert_eq!((sequence.last, sequence.furthest), (Some(1), Some(8)));
    assert!(sequence.collides());
    let work_mem = &blue.settings.value().unwrap()["work_mem"];
    assert_eq!((work_mem.value.as_str(), work_mem.source.as_str()), ("5MB", "database"));
    let details = blue.details.value().unwrap();
    assert_eq!((details.columns.len(), details.indexes.len()), (2, 2));
    assert_eq!(blue.wal.value().map(|wal| wal.bytes > 0), Some(true));
    assert_eq!(blue.work.fresh().map(|all| all.len()), Some(0));
    assert!(blue.extensions.value().unwrap()["plpgsql"].available.is_some());
    stop.cancel();
}

#[tokio::test]
async fn a_role_that_may_not_see_others_says_so_instead_of_nothing() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.green);
    let client = server.client().await;
    let setup = "CREATE ROLE looker LOGIN PASSWORD 'looker'; CREATE TABLE hidden (n serial)";
    client.batch_execute(setup).await.unwrap();
    client.batch_execute("BEGIN; TABLE hidden").await.unwrap();
    let looker =
        format!("host=127.0.0.1 port={} user=looker password=looker dbname=postgres", server.port);
    let world = world(NOWHERE, &looker, Access::ReadOnly).await;
    let stop = CancellationToken::new();
    let mut watch = observe::watch(&world, REFRESH, stop.clone()).observed;
    let seen = until(&mut watch, |seen| {
        let green = &seen.green;
        green.sequences.value().is_some() && green.sessions.value().is_some()
    })
    .await;
    let green = &seen.green;
    assert_eq!(green.clients.value(), Some(&1));
    let why = green.transactions.why().unwrap();
    assert_eq!(
        why,
        "1 sessions of other roles cannot be seen into; GRANT pg_read_all_stats TO looker lets us see them"
    );
    let sessions = green.sessions.value().unwrap();
    assert_eq!((sessions.total, sessions.hidden), (1, 1));
    assert_eq!((&sessions.clients[0].state, &sessions.clients[0].address), (&None, &None));
    let sequence = &green.sequences.value().unwrap()["public.hidden_n_seq"];
    assert_eq!((sequence.readable, sequence.headroom()), (false, None));
    let table = green.tables.value().unwrap().get("public.hidden").unwrap();
    assert_eq!(table.rows, None, "it may not be counted, and nobody analysed it");
    stop.cancel();
}

#[tokio::test]
async fn every_statement_is_in_the_log_and_no_password() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.blue);
    let world = world(&uri(&server), NOWHERE, Access::ReadWrite).await;
    let session = world.blue.session("step", SessionKind::Operator).await.unwrap();
    session.query_one("SELECT 1", &[]).await.unwrap();
    session.execute(&format!("SELECT '{}' FROM nothing", server.password), &[]).await.unwrap_err();
    let sleeping = session.query("SELECT pg_sleep(60)", &[]);
    assert!(tokio::time::timeout(Duration::from_millis(300), sleeping).await.is_err());
    let log = world.calls().log().borrow().clone();
    let told: Vec<_> = log
        .records()
        .filter(|call| call.to == CallTarget::Side(Side::Blue))
        .map(|call| format!("{} {}: {}", call.purpose, call.headline, call.outcome))
        .collect();
    assert_eq!(told[0], format!("step connect to postgres at 127.0.0.1:{}: done", server.port));
    assert_eq!(told[1], "step SELECT 1: 1 row");
    assert!(told[2].starts_with("step SELECT '<redacted>' FROM nothing: 42P01: "), "{}", told[2]);
    assert_eq!(told[3], "step SELECT pg_sleep(60): abandoned");
}
