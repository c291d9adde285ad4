//! Objects as controllers would make them.

use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{Event, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Value, json};

use super::bench::{Bench, NAMESPACE};

/// A Deployment's manifest.
pub(crate) fn deployment(name: &str, replicas: i32) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": name, "namespace": NAMESPACE },
        "spec": {
            "replicas": replicas,
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name } },
                "spec": { "containers": [{ "name": "main", "image": "myreg.agile-corp.org:5000/app:1" }] },
            },
        },
    })
}

pub(crate) fn owner(kind: &str, version: &str, metadata: &ObjectMeta) -> Value {
    json!([{ "apiVersion": version, "kind": kind, "name": metadata.name, "uid": metadata.uid, "controller": true }])
}

/// What the Deployment controller would have made by now: the newest `ReplicaSet`.
pub(crate) async fn replica_set(bench: &Bench, deployment: &Deployment) -> ReplicaSet {
    let name = deployment.metadata.name.clone().unwrap();
    let revision =
        json!({ "metadata": { "annotations": { "deployment.kubernetes.io/revision": "1" } } });
    let params = kube::api::PatchParams::default();
    let patch = kube::api::Patch::Merge(&revision);
    bench.api::<Deployment>().patch(&name, &params, &patch).await.unwrap();
    let mut set = json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {
            "name": format!("{name}-7d9f"), "labels": { "app": name },
            "annotations": { "deployment.kubernetes.io/revision": "1" },
            "ownerReferences": owner("Deployment", "apps/v1", &deployment.metadata),
        },
        "spec": { "selector": { "matchLabels": { "app": name } } },
    });
    set["spec"]["template"] =
        serde_json::to_value(&deployment.spec.as_ref().unwrap().template).unwrap();
    bench.create(set).await
}

/// A pod of an owner.
pub(crate) async fn pod(bench: &Bench, name: &str, labels: Value, owners: Value) -> Pod {
    bench
        .create(json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": { "name": name, "labels": labels, "ownerReferences": owners },
            "spec": {
                "terminationGracePeriodSeconds": 30, "nodeName": "lab-node",
                "containers": [{ "name": "main", "image": "myreg.agile-corp.org:5000/app:1" }],
            },
        }))
        .await
}

/// A container's state, in a pod that is not ready.
pub(crate) fn waiting(reason: &str, message: &str) -> Value {
    json!({
        "phase": "Pending",
        "conditions": [{ "type": "PodScheduled", "status": "True" }, { "type": "Ready", "status": "False" }],
        "containerStatuses": [{
            "name": "main", "image": "myreg.agile-corp.org:5000/app:1", "imageID": "", "ready": false, "restartCount": 0,
            "state": { "waiting": { "reason": reason, "message": message } },
        }],
    })
}

/// A Deployment whose newest generation is rolled out.
pub(crate) async fn rolled_out(bench: &Bench, name: &str) {
    let found = bench.api::<Deployment>().get(name).await.unwrap();
    let replicas = found.spec.unwrap().replicas;
    bench
        .status::<Deployment>(
            name,
            json!({
                "observedGeneration": found.metadata.generation, "replicas": replicas, "updatedReplicas": replicas,
                "readyReplicas": replicas, "availableReplicas": replicas,
            }),
        )
        .await;
}

/// An event about a pod.
pub(crate) async fn event(bench: &Bench, pod: &Pod, reason: &str, message: &str) {
    let name = pod.metadata.name.clone().unwrap();
    let at = jiff::Timestamp::now();
    let _: Event = bench
        .create(json!({
            "metadata": { "name": format!("{name}.{}", at.as_nanosecond()) },
            "involvedObject": { "apiVersion": "v1", "kind": "Pod", "name": name, "namespace": NAMESPACE, "uid": pod.metadata.uid },
            "reason": reason, "message": message, "type": "Warning", "lastTimestamp": at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        }))
        .await;
}
