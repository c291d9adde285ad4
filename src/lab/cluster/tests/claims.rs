use std::path::PathBuf;

use serde_json::{Value, json};

use super::support::{NS, cluster, is_ready, pod};
use crate::lab::cluster::kind::{CLAIMS, PODS, VOLUMES};
use crate::lab::cluster::meta;
use crate::lab::cluster::removal::Propagation;

fn claim(name: &str) -> Value {
    let spec =
        json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}});
    json!({"metadata": {"name": name, "namespace": NS}, "spec": spec})
}

fn user(name: &str, claim: &str, script: &str) -> Value {
    let mut pod = pod(name, script);
    pod["spec"]["volumes"] =
        json!([{"name": "data", "persistentVolumeClaim": {"claimName": claim}}]);
    pod["spec"]["containers"][0]["volumeMounts"] = json!([{"name": "data", "mountPath": "/data"}]);
    pod
}

#[tokio::test]
async fn a_claim_is_bound_by_its_first_consumer_and_outlives_it() {
    let cluster = cluster();
    cluster.create(&CLAIMS, claim("data"));
    let pending = |claim: &Value| {
        claim["status"]["phase"] == "Pending" && !meta::finalizers(claim).is_empty()
    };
    cluster.until(&CLAIMS, "data", pending).await;
    while !cluster
        .events()
        .contains("WaitForFirstConsumer: waiting for first consumer to be created before binding")
    {
        tokio::task::yield_now().await;
    }
    let mut writer = user("writer", "data", "echo kept > /data/file; exec sleep 600");
    writer["spec"]["containers"][0]["readinessProbe"] =
        json!({"exec": {"command": ["test", "-s", "/data/file"]}, "periodSeconds": 1});
    cluster.create(&PODS, writer);
    cluster.until(&CLAIMS, "data", |claim| claim["status"]["phase"] == "Bound").await;
    cluster.until(&PODS, "writer", is_ready).await;
    cluster.delete(&PODS, "writer", Propagation::Background);
    cluster.until_all(&PODS, <[_]>::is_empty).await;
    let mut reader = user("reader", "data", "cat /data/file");
    reader["spec"]["restartPolicy"] = "Never".into();
    cluster.create(&PODS, reader);
    cluster.until(&PODS, "reader", |pod| pod["status"]["phase"] == "Succeeded").await;
}

#[tokio::test]
async fn a_claim_in_use_is_protected_and_its_folder_goes_with_it() {
    let cluster = cluster();
    cluster.create(&CLAIMS, claim("data"));
    cluster.create(&PODS, user("user", "data", "exec sleep 600"));
    cluster.until(&PODS, "user", is_ready).await;
    let (volumes, _) = cluster.store().list(&VOLUMES, None);
    let folder = PathBuf::from(meta::text(&volumes[0], "/spec/hostPath/path"));
    assert!(folder.exists());
    assert_eq!(volumes[0]["status"]["phase"], "Bound");
    cluster.delete(&CLAIMS, "data", Propagation::Background);
    let held = cluster.get(&CLAIMS, "data").unwrap();
    assert!(
        meta::is_deleting(&held)
            && meta::finalizers(&held).contains(&"kubernetes.io/pvc-protection")
    );
    cluster.delete(&PODS, "user", Propagation::Background);
    cluster.until_all(&CLAIMS, <[_]>::is_empty).await;
    cluster.until_all(&PODS, <[_]>::is_empty).await;
    while cluster.store().list(&VOLUMES, None).0.len() + usize::from(folder.exists()) > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_pod_whose_claim_is_missing_is_not_scheduled_until_it_is_there() {
    let cluster = cluster();
    cluster.create(&PODS, user("user", "data", "exec sleep 600"));
    let refused = |pod: &Value| pod["status"]["conditions"][0]["reason"] == "Unschedulable";
    let pod = cluster.until(&PODS, "user", refused).await;
    let text = "0/1 nodes are available: persistentvolumeclaim \"data\" not found. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
    assert_eq!(pod["status"]["conditions"][0]["message"], text);
    assert_eq!(pod["status"]["phase"], "Pending");
    while !cluster.events().contains("FailedScheduling") {
        tokio::task::yield_now().await;
    }
    cluster.create(&CLAIMS, claim("data"));
    cluster.until(&PODS, "user", is_ready).await;
}
