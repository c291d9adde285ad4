//! The watch of readings, on real servers.

use std::time::Duration;

use pgcutover::model::Observed;
use pgcutover::observe;
use pgcutover::world::Access;
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
        seen.blue.tables.fresh().is_some() && seen.blue.clients.fresh().is_some()
    })
    .await;
    let task = &seen.blue.tables.fresh().unwrap()["public.\"Task\""];
    assert_eq!((task.count(), task.is_exact()), (Some(7), true));
    assert_eq!(seen.blue.clients.fresh(), Some(&1), "ours are not counted");
    assert!(seen.blue.size.fresh().is_some_and(|size| *size > 1_000_000));
    assert_eq!(seen.blue.extensions.fresh().unwrap()["plpgsql"].installed.as_deref(), Some("1.0"));
    assert_eq!(seen.green.tables.value(), None);
    client.batch_execute("INSERT INTO \"Task\" VALUES (8)").await.unwrap();
    until(&mut watch, |seen| {
        let tables = seen.blue.tables.fresh();
        tables.is_some_and(|all| {
            let task = &all["public.\"Task\""];
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
