//! kubectl beside a rehearsal that is under way.

use std::path::Path;
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use super::setting::{Kubectl, words};
use crate::support::{Binary, installations};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watch_follows_a_rehearsal_and_ends_with_it() {
    if installations().is_none() {
        return;
    }
    let mut rehearsal = Binary::new(["rehearse", "chronicle", "--headless"]).with_servers().start();
    let told = rehearsal.wait_for("kubectl --kubeconfig ");
    let path = told.split("--kubeconfig ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    let Some(kubectl) = Kubectl::new(&std::fs::read_to_string(&path).unwrap()).await else {
        return;
    };
    let mut watch = kubectl.start(&["get", "pods", "-w", "--no-headers", "-n", "dsm"]);
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let mut next = async || {
        tokio::time::timeout(Duration::from_secs(60), lines.next_line()).await.unwrap().unwrap()
    };
    let mut green = Vec::new();
    loop {
        let line = next().await.expect("the watch ended before the first backup");
        let row = words(&line);
        if row[0].starts_with("chronicle-db-v17-vector-") {
            green.push(format!("{} {}", row[1], row[2]));
        }
        if row[0].starts_with("backup-job-") && row[2] == "Completed" {
            break;
        }
    }
    green.dedup();
    // A kubectl that was slow to start does not see the beginning.
    let whole = ["0/1 Pending", "0/1 ContainerCreating", "0/1 Running", "1/1 Running"];
    assert!(!green.is_empty() && whole.map(str::to_owned).ends_with(&green), "{green:?}");
    rehearsal.signal(Signal::SIGINT);
    assert_eq!(rehearsal.ends(), 13, "green was made and stays");
    while next().await.is_some() {}
    watch.wait().await.unwrap();
    assert!(!Path::new(&path).exists(), "the world is gone");
}
