//! Proving a fence, on real servers.

use jiff::Timestamp;
use pgcutover::model::{Canary, FencePosition, FenceProof, Side};
use pgcutover::verify::fence::prove;

use crate::support::{Server, installations};

const SHUT: &str = "ALTER DATABASE postgres SET default_transaction_read_only = on";

#[tokio::test]
async fn a_shut_database_that_nobody_uses_is_fenced() {
    let Some(pair) = installations() else { return };
    for installation in [&pair.blue, &pair.green] {
        let server = Server::start(installation);
        server.client().await.batch_execute(SHUT).await.unwrap();
        let proof = prove(&server.client().await.into(), Timestamp::now, None).await.unwrap();
        // The session that shut it is gone by the time of the last samples, or was ours to begin with.
        assert_eq!(proof.canary, Canary::Refused);
        assert!(proof.is_still(), "{proof:?}");
        assert!(proof.read_only_default);
    }
}

#[tokio::test]
async fn one_sample_tells_whether_a_proven_fence_has_held_since() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.blue);
    server.client().await.batch_execute(SHUT).await.unwrap();
    let session: pgcutover::world::Traced = server.client().await.into();
    let first = prove(&session, Timestamp::now, None).await.unwrap();
    let stood = first.samples.last().unwrap();
    let earlier = FencePosition {
        side: Side::Blue,
        system: String::new(),
        next_xid: stood.next_xid,
        lsn: stood.lsn.clone(),
        at: first.at,
    };
    let again = prove(&session, Timestamp::now, Some(earlier.clone())).await.unwrap();
    assert_eq!((again.samples.len(), again.is_still()), (1, true), "{again:?}");
    let around = "SET transaction_read_only = off; CREATE TABLE around (n int)";
    server.client().await.batch_execute(&format!("BEGIN; {around}; COMMIT")).await.unwrap();
    let moved = prove(&session, Timestamp::now, Some(earlier)).await.unwrap();
    assert!(moved.still_since().is_none() && moved.samples.len() >= FenceProof::STILL, "{moved:?}");
}

#[tokio::test]
async fn an_open_database_is_not_fenced() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.blue);
    let proof = prove(&server.client().await.into(), Timestamp::now, None).await.unwrap();
    assert_eq!(proof.canary, Canary::Taken);
    assert!(proof.position().is_none());
    let tables = "SELECT count(*) FROM pg_class WHERE relname = 'pgcutover_canary'";
    let left: i64 = server.client().await.query_one(tables, &[]).await.unwrap().get(0);
    assert_eq!(left, 0, "the test write was rolled back");
}

#[tokio::test]
async fn a_session_that_lifts_the_fence_for_itself_is_caught() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.blue);
    let writer = server.client().await;
    writer.batch_execute("CREATE TABLE t (n int)").await.unwrap();
    writer.batch_execute(SHUT).await.unwrap();
    let straggler = server.client().await;
    straggler.batch_execute("SET default_transaction_read_only = off").await.unwrap();
    let writing = tokio::spawn(async move {
        loop {
            straggler.batch_execute("INSERT INTO t VALUES (1)").await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    });
    let proof = prove(&server.client().await.into(), Timestamp::now, None).await.unwrap();
    writing.abort();
    assert!(!proof.is_still(), "{:?}", proof.samples);
    assert_eq!(proof.canary, Canary::Refused, "the setting alone looks well");
    assert!(proof.problems().iter().any(|line| line.starts_with("transactions go on")));
}

#[tokio::test]
async fn a_role_that_outweighs_the_setting_and_a_prepared_transaction_are_named() {
    let Some(pair) = installations() else { return };
    let server = Server::start_with(&pair.blue, &["max_prepared_transactions=2"]);
    let session = server.client().await;
    session.batch_execute("CREATE ROLE worker LOGIN").await.unwrap();
    session
        .batch_execute(
            "ALTER ROLE worker IN DATABASE postgres SET default_transaction_read_only = off",
        )
        .await
        .unwrap();
    session
        .batch_execute("BEGIN; CREATE TABLE kept (n int); PREPARE TRANSACTION 'left-over'")
        .await
        .unwrap();
    session.batch_execute(SHUT).await.unwrap();
    let proof = prove(&server.client().await.into(), Timestamp::now, None).await.unwrap();
    assert_eq!(proof.overrides, ["worker"]);
    assert_eq!(proof.prepared.len(), 1, "{:?}", proof.prepared);
    assert!(proof.prepared[0].starts_with("left-over by app since "), "{:?}", proof.prepared);
    assert!(proof.position().is_none());
}
