use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use nix::unistd::Pid;

use super::postgres;
use super::support::{self, bindir, cluster, config, deployment, is_ready, open_folder, pod_spec};
use crate::lab::cluster::Cluster;
use crate::lab::cluster::kind::{CLAIMS, DEPLOYMENTS, PODS};
use crate::lab::process::{all_processes, clean_leftovers, started_at};

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + support::PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "{what} took too long");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Processes that work in the folder or carry its name in their environment.
fn processes_of(base: &Path) -> Vec<Pid> {
    let inside = |path: &Path| path.starts_with(base);
    let of = |entry: &crate::lab::process::Entry| {
        entry.folder().is_some_and(|cwd| inside(&cwd))
            || entry.environment_value("PGCUTOVER_LAB").is_some_and(|lab| inside(Path::new(&lab)))
    };
    all_processes().iter().filter(|entry| of(entry)).map(|entry| entry.pid).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_leaves_nothing_behind() {
    let base = open_folder();
    let cluster = Cluster::start(&config(base.path())).unwrap();
    cluster
        .store()
        .create(&DEPLOYMENTS, deployment("web", 2, &pod_spec("sleep 600 & exec sleep 600")))
        .unwrap();
    until("the pods", || {
        cluster.store().list(&PODS, None).0.iter().filter(|pod| is_ready(pod)).count() == 2
    });
    // A shell's child may be on its way yet.
    until("the sleepers", || processes_of(base.path()).len() == 4);
    let pids = processes_of(base.path());
    cluster.shutdown().await;
    assert!(pids.iter().all(|pid| started_at(*pid).is_none()));
    assert_eq!(fs::read_dir(base.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn labs_run_side_by_side() {
    let (one, two) = (cluster(), cluster());
    for cluster in [&one, &two] {
        cluster.create(&DEPLOYMENTS, deployment("web", 1, &pod_spec("exec sleep 600")));
    }
    for cluster in [&one, &two] {
        cluster.until_all(&PODS, |pods| pods.iter().any(is_ready)).await;
    }
    let address =
        |cluster: &support::TestCluster| cluster.list(&PODS)[0]["status"]["podIP"].clone();
    assert_ne!(address(&one), address(&two));
    assert_ne!(one.base(), two.base());
}

/// Not a test by itself: the lab that the next one kills.
#[tokio::test(flavor = "multi_thread")]
async fn runs_a_cluster_when_it_is_told_to() {
    let Some(base) = env::var_os("PGCUTOVER_TEST_CLUSTER") else { return };
    let base = PathBuf::from(base);
    let cluster = Cluster::start(&config(&base)).unwrap();
    cluster.store().create(&CLAIMS, postgres::claim()).unwrap();
    cluster.store().create(&DEPLOYMENTS, deployment("db", 1, &postgres::server())).unwrap();
    cluster
        .store()
        .create(
            &DEPLOYMENTS,
            deployment(
                "web",
                1,
                &pod_spec("trap '' TERM INT; sleep 600 & while :; do sleep 1; done"),
            ),
        )
        .unwrap();
    until("the pods", || {
        cluster.store().list(&PODS, None).0.iter().filter(|pod| is_ready(pod)).count() == 2
    });
    fs::write(base.join("up"), "").unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
}

fn killed_lab(base: &Path) -> Vec<Pid> {
    let name = "lab::cluster::tests::endings::runs_a_cluster_when_it_is_told_to";
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", name])
        .env("PGCUTOVER_TEST_CLUSTER", base)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut lab = command.spawn().unwrap();
    until("the lab", || base.join("up").exists());
    let pids = processes_of(base);
    lab.kill().unwrap();
    lab.wait().unwrap();
    pids
}

#[test]
fn a_killed_lab_leaves_neither_process_nor_folder() {
    if bindir().is_none() {
        return;
    }
    let base = open_folder();
    let pids = killed_lab(base.path());
    // The server with its background processes, two shells, two sleepers.
    assert!(pids.len() >= 9, "{pids:?}");
    until("the end of all processes", || processes_of(base.path()).is_empty());
    until("the folder's end", || fs::read_dir(base.path()).unwrap().count() == 1);
    assert!(pids.iter().all(|pid| started_at(*pid).is_none()));
    assert!(clean_leftovers(base.path()).is_empty());
}
