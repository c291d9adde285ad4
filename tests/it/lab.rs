//! The rehearsal's world, from its start to its end.
#![expect(clippy::print_stdout, reason = "what a run saw is told when a test fails")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use pgcutover::lab::Lab;

use crate::support::{lab_config, start_lab};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_world_starts_is_written_to_and_leaves_nothing_behind() {
    let begun = Instant::now();
    let Some(lab) = start_lab(lab_config("plain")).await else { return };
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

/// What an operator types; `None` when there is no kubectl here.
struct Kubectl {
    kubeconfig: PathBuf,
}

impl Kubectl {
    fn of(lab: &Lab) -> Option<Self> {
        let found = std::process::Command::new("kubectl").args(["version", "--client"]).output();
        match found {
            Ok(out) if out.status.success() => {
                Some(Self { kubeconfig: lab.kubeconfig().to_owned() })
            }
            _ => {
                println!("SKIP: there is no kubectl");
                None
            }
        }
    }

    async fn run(&self, line: &str) -> String {
        let begun = Instant::now();
        let out = tokio::process::Command::new("kubectl")
            .arg("--kubeconfig")
            .arg(&self.kubeconfig)
            .args(line.split_whitespace())
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .await
            .unwrap();
        let told = String::from_utf8_lossy(&out.stdout).into_owned();
        let error = String::from_utf8_lossy(&out.stderr).into_owned();
        println!("{:>6} ms  kubectl {line}", begun.elapsed().as_millis());
        assert!(out.status.success(), "kubectl {line}\n{told}{error}");
        told
    }

    async fn sync(&self) {
        for job in ["backup-job", "restore-job"] {
            self.run(&format!("apply -f assets/manifests/chronicle/{job}.yml")).await;
            let wait = format!("wait --for=condition=complete job/{job} --timeout=60s");
            self.run(&wait).await;
            println!("{}", self.run(&format!("logs job/{job}")).await);
        }
    }
}

/// The commands of the change request that chronicle's profile comes from, one after the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_change_requests_own_commands_move_the_data() {
    let Some(lab) = start_lab(lab_config("plain")).await else { return };
    let Some(kubectl) = Kubectl::of(&lab) else { return lab.shutdown().await };
    kubectl.run("apply -f assets/manifests/chronicle/green/").await;
    kubectl.run("apply -f assets/manifests/chronicle/sync/").await;
    kubectl.run("rollout status deployment/chronicle-db-v17-vector --timeout=60s").await;
    kubectl.sync().await;
    kubectl.run("scale deployment chronicle-service --replicas=0").await;
    kubectl.run("wait --for=delete pod -l app=chronicle-service --timeout=60s").await;
    kubectl.run("delete job backup-job restore-job").await;
    kubectl.sync().await;
    let selector = r#"{"spec":{"selector":{"app":"chronicle-db-v17-vector"}}}"#;
    kubectl.run(&format!("patch service chronicle-db -p {selector}")).await;
    kubectl.run("scale deployment chronicle-service --replicas=1").await;
    kubectl.run("rollout status deployment/chronicle-service --timeout=60s").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let audit = lab.audit().await.unwrap();
    println!("{audit:?}");
    assert_eq!((audit.lost, audit.duplicated, audit.refused_committed), (0, 0, 0));
    assert_eq!(audit.served_by, lab.environment().versions.green);
    assert!(audit.blocked_seconds > 0.5 && audit.failed_requests > 0);
    lab.shutdown().await;
}

/// Blue is filled and green runs; the first sync is done.
async fn up_to_the_first_sync(scenario: &str) -> Option<(Lab, Kubectl)> {
    let lab = start_lab(lab_config(scenario)).await?;
    let Some(kubectl) = Kubectl::of(&lab) else {
        lab.shutdown().await;
        return None;
    };
    kubectl.run("apply -f assets/manifests/chronicle/green/").await;
    kubectl.run("apply -f assets/manifests/chronicle/sync/").await;
    kubectl.run("rollout status deployment/chronicle-db-v17-vector --timeout=60s").await;
    kubectl.sync().await;
    kubectl.run("delete job backup-job restore-job").await;
    kubectl.run("apply -f assets/manifests/chronicle/backup-job.yml").await;
    kubectl.run("wait --for=condition=complete job/backup-job --timeout=60s").await;
    kubectl.run("apply -f assets/manifests/chronicle/restore-job.yml").await;
    Some((lab, kubectl))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_green_that_is_killed_fails_the_second_restore_and_stays_down() {
    let Some((lab, kubectl)) = up_to_the_first_sync("killed-green").await else { return };
    kubectl.run("wait --for=condition=failed job/restore-job --timeout=60s").await;
    let pods = kubectl.run("get pods -l app=chronicle-db-v17-vector -o wide").await;
    println!("{pods}");
    assert!(pods.contains("0/1"), "{pods}");
    let audit = lab.audit().await.unwrap();
    assert_eq!((audit.lost, audit.duplicated, audit.failed_requests), (0, 0, 0));
    lab.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalled_restore_stands_still_and_can_be_deleted() {
    let Some((lab, kubectl)) = up_to_the_first_sync("slow-restore").await else { return };
    tokio::time::sleep(Duration::from_secs(4)).await;
    let job = kubectl.run("get job restore-job -o json").await;
    let job: serde_json::Value = serde_json::from_str(&job).unwrap();
    assert_eq!(job["status"]["active"], 1, "{}", job["status"]);
    let begun = Instant::now();
    kubectl.run("delete job restore-job --cascade=foreground --timeout=30s").await;
    assert!(begun.elapsed() < Duration::from_secs(20));
    lab.shutdown().await;
}
