//! The application against a real server.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::run::run;
use super::settings::Settings;
use super::traffic::{Felt, Traffic};
use super::{Audit, audit};
use crate::lab::scratch::Scratch;
use crate::lab::seed;

fn settings(scratch: &Scratch, http: u16) -> Settings {
    let value = |name: &str| {
        Some(match name {
            "DB_HOST" | "HOST" => "127.0.0.1".to_owned(),
            "DB_PORT" => scratch.port().to_string(),
            "DB_NAME" => "chronicle_db".into(),
            "DB_USER" => "chronicle_user".into(),
            "DB_PASSWORD" => "x".into(),
            "PORT" => http.to_string(),
            "HOSTNAME" => "chronicle-service-1".into(),
            super::names::LEDGER => scratch.folder().join("ledger").display().to_string(),
            super::names::RATE => "300".into(),
            super::names::CONNECTIONS => "3".into(),
            _ => return None,
        })
    };
    Settings::read("chronicle-service", &value).unwrap()
}

async fn audited(scratch: &Scratch, felt: Felt) -> Audit {
    let folder = scratch.folder().join("ledger");
    audit(&folder, &scratch.config("chronicle_db"), "chronicle-service", felt).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_write_outlives_a_server_that_is_killed() {
    let Some(mut scratch) = Scratch::start().await else { return };
    seed::load(&scratch.config("chronicle_db"), "chronicle", 0.5).await.unwrap();
    let http = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let stop = CancellationToken::new();
    let app = tokio::spawn(run(Arc::new(settings(&scratch, http)), stop.clone()));
    std::fs::create_dir_all(scratch.folder().join("ledger")).unwrap();
    let users = Traffic::start(format!("127.0.0.1:{http}"), "/api/projects".into());
    let before = acknowledged_more_than(100, &scratch, &users).await;
    scratch.crash().await;
    let answered = |felt: Felt| felt.requests - felt.failed;
    let down = answered(users.felt());
    while answered(users.felt()) < down + 20 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    acknowledged_more_than(before.acknowledged + 100, &scratch, &users).await;
    let felt = users.stop().await;
    stop.cancel();
    app.await.unwrap().unwrap();
    let after = audited(&scratch, felt).await;
    assert_eq!((after.lost, after.duplicated, after.refused_committed), (0, 0, 0), "{after:?}");
    assert!(after.blocked_seconds > 0.05);
}

/// Waits until so many writes were acknowledged, however slow the machine is.
async fn acknowledged_more_than(count: u64, scratch: &Scratch, users: &Traffic) -> Audit {
    loop {
        let audit = audited(scratch, users.felt()).await;
        if audit.acknowledged > count {
            return audit;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_write_that_is_missing_or_doubled_is_found_and_named() {
    let Some(scratch) = Scratch::start().await else { return };
    seed::load(&scratch.config("chronicle_db"), "chronicle", 0.5).await.unwrap();
    let stop = CancellationToken::new();
    let mut settings = settings(&scratch, 0);
    settings.listen = None;
    let app = tokio::spawn(run(Arc::new(settings), stop.clone()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    stop.cancel();
    app.await.unwrap().unwrap();
    let (client, connection) =
        scratch.config("chronicle_db").connect(tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    // Three writes of three kinds, so that no two of them are one.
    let spoil = "WITH gone AS (DELETE FROM request_log WHERE ctid =
                         (SELECT max(ctid) FROM request_log WHERE operation = 'move-task')),
                 halved AS (DELETE FROM daily_scrums WHERE id = (SELECT max(id) FROM daily_scrums))
            INSERT INTO request_log SELECT * FROM request_log WHERE operation = 'add-task' AND entity LIKE 'task%'
             LIMIT 1";
    client.batch_execute(spoil).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
    let audit = audited(&scratch, Felt::default()).await;
    assert_eq!((audit.lost, audit.duplicated), (2, 1), "{audit:?}");
    assert_eq!((audit.lost_ids.len(), audit.duplicated_ids.len()), (2, 1));
}
