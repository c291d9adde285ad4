use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim};
use kube::api::{DeleteParams, Patch, PatchParams};
use pgcutover::model::{FailureKind, ObjectRef, Verb};
use serde_json::{Value, json};

use super::bench::{Bench, step};
use super::objects::pod;

fn delete(version: &str, kind: &str, name: &str) -> Verb {
    let object = ObjectRef { api_version: version.into(), kind: kind.into(), name: name.into() };
    Verb::Delete { objects: vec![object] }
}

fn map() -> Value {
    json!({ "metadata": { "name": "old" } })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_gone_already_is_gone() {
    let bench = Bench::start().await;
    let _: ConfigMap = bench.create(map()).await;
    let attempt = bench.begin(step("decommission", delete("v1", "ConfigMap", "old"))).await;
    assert_eq!(attempt.perform().await.unwrap().summary, "deleted configmap/old");
    assert_eq!(attempt.perform().await.unwrap().summary, "nothing was left to delete");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_object_that_was_made_anew_is_not_deleted() {
    let bench = Bench::start().await;
    let _: ConfigMap = bench.create(map()).await;
    let attempt = bench.begin(step("decommission", delete("v1", "ConfigMap", "old"))).await;
    bench.api::<ConfigMap>().delete("old", &DeleteParams::default()).await.unwrap();
    let _: ConfigMap = bench.create(map()).await;
    let failure = attempt.perform().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Conflict);
    assert!(bench.api::<ConfigMap>().get_opt("old").await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_that_a_pod_uses_is_waited_for_by_name() {
    let bench = Bench::start().await;
    let claim = json!({
        "metadata": { "name": "data", "finalizers": ["kubernetes.io/pvc-protection"] },
        "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1Gi" } } },
    });
    let _: PersistentVolumeClaim = bench.create(claim).await;
    let mut user = json!({
        "metadata": { "name": "blue-0" },
        "spec": {
            "containers": [{ "name": "main", "image": "postgres:17" }],
            "volumes": [{ "name": "data", "persistentVolumeClaim": { "claimName": "data" } }],
        },
    });
    user["apiVersion"] = json!("v1");
    let _: k8s_openapi::api::core::v1::Pod = bench.create(user).await;
    pod(&bench, "other", json!({}), json!([])).await;
    let mut running = bench
        .begin(step("decommission", delete("v1", "PersistentVolumeClaim", "data")))
        .await
        .spawn();
    let held = running.tells("used by").await;
    assert_eq!(held.message, "persistentvolumeclaim/data is being deleted, used by pod/blue-0");
    let patch = Patch::Merge(json!({ "metadata": { "finalizers": null } }));
    bench
        .api::<PersistentVolumeClaim>()
        .patch("data", &PatchParams::default(), &patch)
        .await
        .unwrap();
    running.ends().await.unwrap();
}
