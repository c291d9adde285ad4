//! The cutover of the seed, by hand: its own kubectl commands, one after the other, in the rehearsal's world.

use super::setting::{Kubectl, words};
use crate::support::{lab_config, start_lab};

const GREEN: &str = "deployment/chronicle-db-v17-vector";
const MANIFESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/manifests/chronicle");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_cuts_over_with_kubectl_alone() {
    let Some(lab) = start_lab(lab_config("plain")).await else { return };
    let kubeconfig = std::fs::read_to_string(lab.kubeconfig()).unwrap();
    let Some(kubectl) = Kubectl::new(&kubeconfig).await else { return };
    deploy_green(&kubectl).await;
    kubectl.ok(&["apply", "-f", &format!("{MANIFESTS}/sync")]).await;
    synchronise(&kubectl).await;
    stop_writers(&kubectl).await;
    kubectl.ok(&["delete", "job", "backup-job", "restore-job"]).await;
    synchronise(&kubectl).await;
    switch(&kubectl).await;
    kubectl.ok(&["scale", "deployment", "chronicle-service", "--replicas=1"]).await;
    kubectl.ok(&["rollout", "status", "deployment/chronicle-service", "--timeout=60s"]).await;
    let log = kubectl.ok(&["logs", "deployment/chronicle-service", "--tail=1"]).await;
    assert!(!log.is_empty());
    kubectl.ok(&["delete", "deployment", "chronicle-db-v17"]).await;
    kubectl
        .ok(&["wait", "--for=delete", "pod", "-l", "app=chronicle-db-v17", "--timeout=60s"])
        .await;
    kubectl.ok(&["delete", "pvc", "postgres-chronicle-pvc-v17"]).await;
    let claims = kubectl.ok(&["get", "pvc", "--no-headers"]).await;
    assert!(claims.lines().all(|line| words(line)[1] == "Bound"), "{claims}");
    let audit = lab.audit().await.unwrap();
    assert!(audit.acknowledged > 0);
    assert_eq!((audit.lost, audit.duplicated), (0, 0));
    lab.shutdown().await;
}

/// First as the seed's operator did it: without the registry's secret.
async fn deploy_green(kubectl: &Kubectl) {
    let manifest =
        std::fs::read_to_string(format!("{MANIFESTS}/green/chronicle-db-v17-vector.yml")).unwrap();
    let secret = "      imagePullSecrets:\n        - name: agile-corp-reg-secret\n";
    let careless = manifest.replace(secret, "");
    assert_ne!(careless, manifest);
    kubectl
        .ok(&["apply", "-f", &format!("{MANIFESTS}/green/postgres-chronicle-pvc-v17-vector.yml")])
        .await;
    kubectl
        .ok(&["apply", "-f", &format!("{MANIFESTS}/green/chronicle-db-v17-vector-service.yml")])
        .await;
    kubectl.fed(&["apply", "-f", "-"], &careless).await;
    let selector = ["-l", "app=chronicle-db-v17-vector"];
    let waiting =
        "--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=ImagePullBackOff";
    kubectl.ok(&["wait", "pod", selector[0], selector[1], waiting, "--timeout=60s"]).await;
    let row = kubectl.ok(&["get", "pods", selector[0], selector[1], "--no-headers"]).await;
    assert_eq!(words(&row)[1..3], ["0/1", "ImagePullBackOff"]);
    let told = kubectl.ok(&["describe", "pods", selector[0], selector[1]]).await;
    assert!(told.contains("Failed to pull image"), "{told}");
    let log = kubectl.fails("admin", &["logs", GREEN], "").await;
    assert!(log.contains("is waiting to start: trying and failing to pull image"), "{log}");
    let patch = r#"{"spec": {"template": {"spec": {"imagePullSecrets": [{"name": "agile-corp-reg-secret"}]}}}}"#;
    kubectl.ok(&["patch", "deployment", "chronicle-db-v17-vector", "--patch", patch]).await;
    let rolled = kubectl.ok(&["rollout", "status", GREEN, "--timeout=60s"]).await;
    assert!(
        rolled.ends_with("deployment \"chronicle-db-v17-vector\" successfully rolled out\n"),
        "{rolled}"
    );
}

async fn synchronise(kubectl: &Kubectl) {
    for job in ["backup-job", "restore-job"] {
        kubectl.ok(&["apply", "-f", &format!("{MANIFESTS}/{job}.yml")]).await;
        let name = format!("job/{job}");
        kubectl.ok(&["wait", "--for=condition=complete", &name, "--timeout=300s"]).await;
        let row = kubectl.ok(&["get", "job", job, "--no-headers"]).await;
        assert_eq!(words(&row)[..3], [job, "Complete", "1/1"]);
        let log = kubectl.ok(&["logs", &name]).await;
        assert!(log.contains("PostgreSQL"), "{log}");
        let told = kubectl.ok(&["describe", "job", job]).await;
        assert!(told.contains("Job completed"), "{told}");
    }
}

async fn stop_writers(kubectl: &Kubectl) {
    kubectl.ok(&["scale", "deployment", "chronicle-service", "--replicas=0"]).await;
    kubectl
        .ok(&["wait", "--for=delete", "pod", "-l", "app=chronicle-service", "--timeout=60s"])
        .await;
    assert_eq!(kubectl.ok(&["get", "pods", "-l", "app=chronicle-service", "-o", "name"]).await, "");
}

async fn switch(kubectl: &Kubectl) {
    let patch = r#"{"spec": {"selector": {"app": "chronicle-db-v17-vector"}}}"#;
    kubectl.ok(&["patch", "service", "chronicle-db", "-p", patch]).await;
    let told = kubectl.ok(&["describe", "service", "chronicle-db"]).await;
    assert!(told.contains("app=chronicle-db-v17-vector"), "{told}");
    let address = "jsonpath={.items[0].status.podIP}";
    let green =
        kubectl.ok(&["get", "pods", "-l", "app=chronicle-db-v17-vector", "-o", address]).await;
    assert!(told.contains(&format!("{green}:5432")), "{told}");
}
