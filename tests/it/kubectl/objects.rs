//! Reading, changing, deleting.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};

use super::setting::{MANIFEST, cluster, words};

#[tokio::test(flavor = "multi_thread")]
async fn get_prints_the_columns_of_a_real_cluster() {
    let Some(cluster) = cluster().await else { return };
    cluster.fed(&["apply", "-f", "-"], MANIFEST).await;
    let wide = cluster.ok(&["get", "deployments", "-o", "wide"]).await;
    let lines: Vec<&str> = wide.lines().collect();
    assert_eq!(
        words(lines[0]),
        ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"]
    );
    let row = words(lines[1]);
    assert_eq!(
        (&row[..4], &row[5..]),
        (&["web", "0/1", "0", "0"][..], &["web", "postgres:17", "app=web"][..])
    );
    let service = cluster.ok(&["get", "service", "db", "--no-headers"]).await;
    assert_eq!(words(&service)[..5], ["db", "ClusterIP", "127.96.0.1", "<none>", "5432/TCP"]);
    let names = cluster.ok(&["get", "all", "-o", "name"]).await;
    assert_eq!(names, "service/db\ndeployment.apps/web\n");
    let image = cluster
        .ok(&["get", "deploy/web", "-o", "jsonpath={.spec.template.spec.containers[0].image}"])
        .await;
    assert_eq!(image, "postgres:17");
    let none = cluster.fails("admin", &["get", "service", "nothing"], "").await;
    assert_eq!(none, "Error from server (NotFound): services \"nothing\" not found\n");
    let kind = cluster.fails("admin", &["get", "gadgets"], "").await;
    assert_eq!(kind, "error: the server doesn't have a resource type \"gadgets\"\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn get_watches_on() {
    let Some(cluster) = cluster().await else { return };
    cluster.fed(&["apply", "-f", "-"], MANIFEST).await;
    let mut child = cluster.start(&["get", "deployment", "-w", "--no-headers"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = async || {
        let line = tokio::time::timeout(Duration::from_secs(30), lines.next_line()).await;
        words(&line.unwrap().unwrap().unwrap())[1].to_owned()
    };
    assert_eq!(next().await, "0/1");
    cluster.ok(&["scale", "deployment/web", "--replicas=3"]).await;
    assert_eq!(next().await, "0/3");
    cluster.server.restart(Duration::from_millis(20)).await.unwrap();
    child.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn describe_tells_of_objects_and_their_events() {
    let Some(cluster) = cluster().await else { return };
    cluster.fed(&["apply", "-f", "-"], MANIFEST).await;
    let uid = cluster.ok(&["get", "deployment", "web", "-o", "jsonpath={.metadata.uid}"]).await;
    let event = format!(
        r#"{{"apiVersion": "v1", "kind": "Event", "metadata": {{"name": "web.1"}}, "type": "Normal", "reason": "ScalingReplicaSet",
        "message": "Scaled up replica set web-1 from 0 to 1", "source": {{"component": "deployment-controller"}},
        "involvedObject": {{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "namespace": "default", "uid": "{uid}"}},
        "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": "2026-01-01T00:00:00Z", "count": 1}}"#
    );
    cluster.fed(&["create", "-f", "-"], &event).await;
    let told = cluster.ok(&["describe", "deployment", "web"]).await;
    assert!(told.contains("Replicas:               1 desired | 0 updated | 0 total"), "{told}");
    assert!(told.contains("ScalingReplicaSet"), "{told}");
    let service = cluster.ok(&["describe", "service", "db"]).await;
    assert!(service.contains("Selector:                 app=web"), "{service}");
    let events = cluster
        .ok(&["get", "events", "--field-selector", "involvedObject.name=web", "--no-headers"])
        .await;
    assert_eq!(words(&events)[1..4], ["Normal", "ScalingReplicaSet", "deployment/web"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn scale_patch_set_and_label_change_an_object() {
    let Some(cluster) = cluster().await else { return };
    cluster.fed(&["apply", "-f", "-"], MANIFEST).await;
    let scaled =
        cluster.ok(&["scale", "deployment", "web", "--current-replicas=1", "--replicas=0"]).await;
    assert_eq!(scaled, "deployment.apps/web scaled\n");
    let secrets =
        r#"{"spec": {"template": {"spec": {"imagePullSecrets": [{"name": "registry"}]}}}}"#;
    cluster.ok(&["patch", "deployment", "web", "--patch", secrets]).await;
    cluster.ok(&["set", "env", "deployment/web", "MODE=x"]).await;
    cluster.ok(&["label", "deployment", "web", "side=blue"]).await;
    cluster.ok(&["rollout", "restart", "deployment/web"]).await;
    let path = "jsonpath={.spec.replicas} {.spec.template.spec.imagePullSecrets[0].name} {.spec.template.spec.containers[0].env[0].name} {.metadata.labels.side}";
    assert_eq!(cluster.ok(&["get", "deploy", "web", "-o", path]).await, "0 registry MODE blue");
    let switch = r#"[{"op": "test", "path": "/spec/selector/app", "value": "other"}, {"op": "replace", "path": "/spec/selector/app", "value": "x"}]"#;
    let refused =
        cluster.fails("admin", &["patch", "service", "db", "--type=json", "-p", switch], "").await;
    assert_eq!(
        refused,
        "The request is invalid: the server rejected our request due to an error in our request\n"
    );
    let merge = r#"{"spec": {"selector": {"app": "green"}}}"#;
    cluster.ok(&["patch", "service", "db", "-p", merge]).await;
    assert_eq!(
        cluster.ok(&["get", "service", "db", "-o", "jsonpath={.spec.selector.app}"]).await,
        "green"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_waits_until_the_object_is_gone() {
    let Some(cluster) = cluster().await else { return };
    cluster.fed(&["apply", "-f", "-"], MANIFEST).await;
    let deleted = cluster.fed(&["delete", "-f", "-"], MANIFEST).await;
    assert_eq!(deleted, "deployment.apps \"web\" deleted\nservice \"db\" deleted\n");
    cluster.ok(&["create", "configmap", "held", "--from-literal=a=1"]).await;
    let hold = r#"{"metadata": {"finalizers": ["example.org/hold"]}}"#;
    cluster.ok(&["patch", "configmap", "held", "-p", hold]).await;
    let impatient =
        cluster.fails("admin", &["delete", "configmap", "held", "--timeout=500ms"], "").await;
    assert!(impatient.contains("timed out waiting for the condition"), "{impatient}");
    let mut waiting = cluster.start(&["wait", "--for=delete", "configmap/held", "--timeout=30s"]);
    let release = r#"{"metadata": {"finalizers": null}}"#;
    cluster.ok(&["patch", "configmap", "held", "--type=merge", "-p", release]).await;
    assert!(waiting.wait().await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn wait_sees_a_condition_appear() {
    let Some(cluster) = cluster().await else { return };
    let job = r#"{"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "dump"}, "spec": {"template": {"spec": {
        "restartPolicy": "Never", "containers": [{"name": "dump", "image": "postgres:17"}]}}}}"#;
    cluster.fed(&["apply", "-f", "-"], job).await;
    let mut waiting =
        cluster.start(&["wait", "--for=condition=complete", "job/dump", "--timeout=30s"]);
    let done =
        r#"{"status": {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}}"#;
    cluster.ok(&["patch", "job", "dump", "--subresource=status", "--type=merge", "-p", done]).await;
    assert!(waiting.wait().await.unwrap().success());
    let row = cluster.ok(&["get", "job", "dump", "--no-headers"]).await;
    assert_eq!(words(&row)[..3], ["dump", "Complete", "1/1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn exec_is_refused_by_name() {
    let Some(cluster) = cluster().await else { return };
    cluster.ok(&["run", "db", "--image=postgres:17"]).await;
    let refused = cluster.fails("admin", &["exec", "db", "--", "true"], "").await;
    assert!(refused.contains("pods/exec is not served by the rehearsal lab"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_forward_that_is_not_spoken_is_refused() {
    let Some(cluster) = cluster().await else { return };
    cluster.ok(&["run", "db", "--image=postgres:17"]).await;
    let run = r#"{"status": {"phase": "Running"}}"#;
    cluster.ok(&["patch", "pod", "db", "--subresource=status", "--type=merge", "-p", run]).await;
    let refused = cluster.fails("admin", &["port-forward", "pod/db", ":5432"], "").await;
    assert!(refused.contains("unable to upgrade"), "{refused}");
}
