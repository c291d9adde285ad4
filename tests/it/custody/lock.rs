//! The advisory lock on blue, on a real server.

use pgcutover::model::RunId;
use pgcutover::world::Access;

use crate::support::{Server, installations, uri, world};

const NOWHERE: &str = "host=127.0.0.1 port=1 user=nobody";
const TERMINATE: &str = include_str!("../../../assets/sql/fence/terminate.sql");
const CLIENTS: &str = include_str!("../../../assets/sql/fence/clients.sql");

#[tokio::test]
async fn the_lock_tells_who_holds_it_and_is_no_client_to_the_fence() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.blue);
    let world = world(&uri(&server), NOWHERE, Access::ReadWrite).await;
    let lock = world.blue.lock("ann@one").await.unwrap().unwrap();
    let holder = world.blue.lock("bob@two").await.unwrap().unwrap_err();
    assert_eq!(holder.application, "pgcutover/run/ann@one");
    assert!(holder.is_of(&RunId::new("run")) && !holder.is_of(&RunId::new("ru")), "{holder}");
    let run = RunId::new("run");
    assert!(holder.is_by(&run, "ann@one") && !holder.is_by(&run, "bob@two"), "{holder}");
    let fence = server.client().await;
    fence.query(TERMINATE, &[]).await.unwrap();
    assert!(lock.is_held().await);
    let clients = fence.query(CLIENTS, &[]).await.unwrap();
    assert!(clients.is_empty(), "the lock is no client");
    world.blue.end_holder("bob@two", &holder).await.unwrap();
    assert!(!lock.is_held().await);
    assert!(world.blue.lock("bob@two").await.unwrap().is_ok());
}
