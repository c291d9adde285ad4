use serde_json::{Value, json};

use super::support::{NS, cluster, is_ready, pod_spec};
use crate::lab::cluster::kind::{CLAIMS, PODS, SERVICES, STATEFUL_SETS};
use crate::lab::cluster::meta;

fn set(replicas: u32) -> Value {
    let mut spec = pod_spec("echo $HOSTNAME >> /data/names; exec sleep 600");
    spec["containers"][0]["volumeMounts"] = json!([{"name": "data", "mountPath": "/data"}]);
    json!({
        "metadata": {"name": "db", "namespace": NS},
        "spec": {
            "replicas": replicas, "serviceName": "db", "selector": {"matchLabels": {"app": "db"}},
            "template": {"metadata": {"labels": {"app": "db"}}, "spec": spec},
            "volumeClaimTemplates": [{
                "metadata": {"name": "data"},
                "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
            }],
        },
    })
}

#[tokio::test]
async fn pods_come_in_order_and_go_in_reverse_and_keep_their_claims() {
    let cluster = cluster();
    let service = json!({"metadata": {"name": "db", "namespace": NS}, "spec": {"clusterIP": "None", "selector": {"app": "db"}, "ports": [{"port": 5432}]}});
    cluster.create(&SERVICES, service);
    cluster.create(&STATEFUL_SETS, set(2));
    let status = cluster
        .until(&STATEFUL_SETS, "db", |set| set["status"]["readyReplicas"] == 2)
        .await["status"]
        .clone();
    assert_eq!(status["currentRevision"], status["updateRevision"]);
    let names: Vec<String> =
        cluster.list(&PODS).iter().map(|pod| meta::name(pod).to_owned()).collect();
    assert_eq!(names, ["db-0", "db-1"]);
    let pods = cluster.list(&PODS);
    assert!(
        meta::revision(&pods[0]) > 0
            && pods[1]["metadata"]["labels"]["apps.kubernetes.io/pod-index"] == "1"
    );
    let address = pods[0]["status"]["podIP"].clone();
    cluster.patch(&STATEFUL_SETS, "db", |set| {
        set["spec"]["template"]["spec"]["containers"][0]["env"] =
            json!([{"name": "V", "value": "2"}]);
    });
    let done = |set: &Value| {
        let status = &set["status"];
        status["updatedReplicas"] == 2
            && status["readyReplicas"] == 2
            && status["currentRevision"] == status["updateRevision"]
            && status["observedGeneration"] == set["metadata"]["generation"]
    };
    cluster.until(&STATEFUL_SETS, "db", done).await;
    assert_eq!(cluster.list(&PODS)[0]["status"]["podIP"], address);
    cluster.patch(&STATEFUL_SETS, "db", |set| set["spec"]["replicas"] = 1.into());
    cluster
        .until_all(&PODS, |pods| {
            pods.len() == 1 && is_ready(&pods[0]) && meta::name(&pods[0]) == "db-0"
        })
        .await;
    assert_eq!(cluster.list(&CLAIMS).len(), 2);
}
