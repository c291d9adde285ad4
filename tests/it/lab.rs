//! The rehearsal's world, from its start to its end.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use pgcutover::lab::{Lab, LabConfig, LabError, Scenario};

/// Starts a world of this scenario, or says why the test is skipped.
async fn start(scenario: &str) -> Option<Lab> {
    let mut config = LabConfig::new("chronicle", Scenario::named(scenario).unwrap());
    config.program = Some(PathBuf::from(env!("CARGO_BIN_EXE_pgcutover")));
    match Lab::start(config).await {
        Ok(lab) => Some(lab),
        Err(LabError::Postgres(error)) => {
            println!("SKIP: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_world_starts_is_written_to_and_leaves_nothing_behind() {
    let begun = Instant::now();
    let Some(lab) = start("plain").await else { return };
    println!("up in {:.1} s: {:?}", begun.elapsed().as_secs_f64(), lab.environment());
    let folder = lab.folder().to_owned();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let audit = lab.audit().await.unwrap();
    println!("{audit:?}");
    let ending = Instant::now();
    lab.shutdown().await;
    println!("down in {:.1} s", ending.elapsed().as_secs_f64());
    assert!(audit.acknowledged > 100);
    assert_eq!((audit.lost, audit.duplicated), (0, 0));
    assert!(audit.requests > 20 && audit.failed_requests == 0);
    assert!(!folder.exists());
}
