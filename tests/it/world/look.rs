//! Gates that look at databases, on real servers.

use std::time::Duration;

use pgcutover::model::{Gate, Judgement, Opening, RunState, Side};
use pgcutover::observe::look;
use pgcutover::world::{Access, World};

use crate::support::{Server, installations, uri, world};

const NOWHERE: &str = "host=127.0.0.1 port=1 user=nobody";

async fn see(world: &World, gate: Gate) -> Judgement {
    look(world, &gate, &RunState::new(&world.runbook)).await
}

fn summary(judgement: &Judgement) -> (Opening, &str) {
    (judgement.opening, judgement.evidence.summary.as_str())
}

#[tokio::test]
async fn servers_are_reached_told_apart_and_compared_by_version() {
    let Some(pair) = installations() else { return };
    let (blue, green) = (Server::start(&pair.blue), Server::start(&pair.green));
    let (major, newer) = (pair.blue.version.major, pair.green.version.major);
    let world = world(&uri(&blue), &uri(&green), Access::ReadOnly).await;
    let reached = see(&world, Gate::Reachable { side: Side::Blue }).await;
    assert_eq!(reached.opening, Opening::Open, "{reached:?}");
    assert!(reached.evidence.summary.contains("database `postgres`"), "{reached:?}");
    assert_eq!(see(&world, Gate::DifferentServers).await.opening, Opening::Open);
    let at_least = |side, major: u32| Gate::VersionAtLeast { side, version: major * 10_000 };
    assert_eq!(see(&world, at_least(Side::Green, newer)).await.opening, Opening::Open);
    assert_eq!(see(&world, at_least(Side::Blue, newer)).await.opening, Opening::Held);
    let client = |image: String| Gate::DumpClientMatchesServer {
        side: Side::Blue,
        job: "dump".into(),
        image,
    };
    assert_eq!(see(&world, client(format!("postgres:{}", major - 1))).await.opening, Opening::Held);
    assert_eq!(see(&world, client(format!("postgres:{major}"))).await.opening, Opening::Open);
}

#[tokio::test]
async fn a_server_that_refuses_holds_and_one_that_is_silent_is_unknown() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.blue);
    let same = world(&uri(&server), &uri(&server), Access::ReadOnly).await;
    let different = see(&same, Gate::DifferentServers).await;
    assert_eq!(summary(&different), (Opening::Held, "blue and green are the same server"));
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let deaf = format!("host=127.0.0.1 port={port} user=x connect_timeout=2");
    let world = world(NOWHERE, &deaf, Access::ReadOnly).await;
    let refused = see(&world, Gate::Reachable { side: Side::Blue }).await;
    assert_eq!(refused.opening, Opening::Held, "{refused:?}");
    let unknown = see(&world, Gate::Reachable { side: Side::Green }).await;
    assert_eq!(unknown.opening, Opening::Unknown, "{unknown:?}");
    assert!(unknown.evidence.summary.ends_with("no answer within 2 s"), "{unknown:?}");
    assert_eq!(
        see(&world, Gate::NoPreparedTransactions { side: Side::Blue }).await.opening,
        Opening::Unknown
    );
}

#[tokio::test]
async fn an_extension_is_missing_then_installed_then_tried_out() {
    let Some(pair) = installations() else { return };
    let (blue, green) = (Server::start(&pair.blue), Server::start(&pair.green));
    let world = world(&uri(&blue), &uri(&green), Access::ReadOnly).await;
    let gate = |available| Gate::Extension {
        side: Side::Green,
        name: "vector".into(),
        min: Some("0.5.0".into()),
        available,
    };
    let works = || Gate::ExtensionWorks { side: Side::Green, name: "vector".into() };
    assert_eq!(see(&world, gate(true)).await.opening, Opening::Open);
    let missing = see(&world, gate(false)).await;
    assert_eq!(missing.opening, Opening::Held);
    assert_eq!(missing.fix.unwrap().command.as_deref(), Some("CREATE EXTENSION vector"));
    assert_eq!(see(&world, works()).await.opening, Opening::Held);
    let client = green.client().await;
    client
        .batch_execute("CREATE SCHEMA \"Odd\"; CREATE EXTENSION vector SCHEMA \"Odd\"")
        .await
        .unwrap();
    assert_eq!(see(&world, gate(false)).await.opening, Opening::Open);
    let tried = see(&world, works()).await;
    assert_eq!(
        summary(&tried),
        (Opening::Open, "vector works on green: the nearest of three vectors is near at 1")
    );
    assert_eq!(see(&world, Gate::ExtensionsAvailable).await.opening, Opening::Open);
}

#[tokio::test]
async fn a_writer_an_open_and_a_prepared_transaction_hold() {
    let Some(pair) = installations() else { return };
    let server = Server::start_with(&pair.blue, &["max_prepared_transactions=2"]);
    let world = world(&uri(&server), NOWHERE, Access::ReadWrite).await;
    let writers = || Gate::NoWriters { side: Side::Blue };
    let long =
        || Gate::NoLongTransactions { side: Side::Blue, longer_than: Duration::from_millis(100) };
    let prepared = || Gate::NoPreparedTransactions { side: Side::Blue };
    for gate in [writers(), long(), prepared()] {
        let seen = see(&world, gate).await;
        assert_eq!(seen.opening, Opening::Open, "{seen:?}");
    }
    let client = server.client().await;
    client
        .batch_execute("SET application_name = straggler; BEGIN; CREATE TABLE t (n int)")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let written = see(&world, writers()).await;
    assert_eq!(
        summary(&written),
        (Opening::Held, "blue is written by app (straggler) from 127.0.0.1")
    );
    let open = see(&world, long()).await;
    assert_eq!(open.opening, Opening::Held);
    assert!(open.fix.unwrap().command.unwrap().starts_with("SELECT pg_terminate_backend(pid)"));
    client.batch_execute("PREPARE TRANSACTION 'left'").await.unwrap();
    let left = see(&world, prepared()).await;
    assert_eq!(left.fix.unwrap().command.as_deref(), Some("ROLLBACK PREPARED 'left'"));
    assert_eq!(see(&world, Gate::Fenced { side: Side::Blue }).await.opening, Opening::Held);
}

#[tokio::test]
async fn a_fence_is_seen_and_so_is_its_absence() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.blue);
    let world = world(&uri(&server), NOWHERE, Access::ReadWrite).await;
    let gate = || Gate::Fenced { side: Side::Blue };
    let open = see(&world, gate()).await;
    assert_eq!(open.opening, Opening::Held, "{open:?}");
    server
        .client()
        .await
        .batch_execute("ALTER DATABASE postgres SET default_transaction_read_only = on")
        .await
        .unwrap();
    let fenced = see(&world, gate()).await;
    assert_eq!(fenced.opening, Opening::Open, "{fenced:?}");
}

#[tokio::test]
async fn a_query_is_asked_read_only_and_privileges_by_the_catalogue() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.blue);
    let world = world(&uri(&server), NOWHERE, Access::ReadOnly).await;
    let gate = |query: &str, expect: &str| Gate::Sql {
        side: Side::Blue,
        query: query.into(),
        expect: expect.into(),
    };
    assert_eq!(see(&world, gate("SELECT 1 + 1", "2")).await.opening, Opening::Open);
    assert_eq!(see(&world, gate("SELECT 1 = 1", "true")).await.opening, Opening::Open);
    assert_eq!(see(&world, gate("SELECT 1 WHERE false", "1")).await.opening, Opening::Held);
    let refused = see(&world, gate("CREATE TABLE t (n int)", "")).await;
    assert_eq!(refused.opening, Opening::Unknown);
    assert!(refused.evidence.summary.contains("[25006]"), "{refused:?}");
    assert_eq!(see(&world, Gate::SqlPrivileges { side: Side::Blue }).await.opening, Opening::Open);
}

#[tokio::test]
async fn what_a_role_may_not_see_is_unknown_and_names_the_grant() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.blue);
    let client = server.client().await;
    client.batch_execute("CREATE ROLE plain LOGIN PASSWORD 'pw'").await.unwrap();
    let conninfo = format!("postgresql://plain:pw@127.0.0.1:{}/postgres", server.port);
    let world = world(&conninfo, NOWHERE, Access::ReadOnly).await;
    let seen =
        see(&world, Gate::NoLongTransactions { side: Side::Blue, longer_than: Duration::ZERO })
            .await;
    assert_eq!(seen.opening, Opening::Unknown, "{seen:?}");
    assert_eq!(seen.fix.unwrap().title, "GRANT pg_read_all_stats TO plain");
    let missing = see(&world, Gate::SqlPrivileges { side: Side::Blue }).await;
    assert_eq!(missing.opening, Opening::Held, "{missing:?}");
    assert!(missing.fix.unwrap().command.unwrap().contains("GRANT pg_read_all_stats TO plain"));
}
