use serde_json::json;

use super::support::{NS, cluster, condition, deployment, is, is_ready, pod_spec, trapping};
use crate::lab::cluster::kind::{DEPLOYMENTS, PODS, REPLICA_SETS};
use crate::lab::cluster::meta;
use crate::lab::cluster::removal::Propagation;

#[tokio::test]
async fn a_deployment_comes_up_and_scales_down_to_nothing() {
    let cluster = cluster();
    cluster.create(&DEPLOYMENTS, deployment("web", 2, &pod_spec("exec sleep 600")));
    let web = cluster
        .until(&DEPLOYMENTS, "web", |web| {
            web["status"]["availableReplicas"] == 2
                && web["status"]["observedGeneration"] == web["metadata"]["generation"]
        })
        .await;
    assert_eq!(web["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "1");
    assert_eq!(condition(&web, "Progressing").unwrap()["reason"], "NewReplicaSetAvailable");
    assert_eq!(condition(&web, "Available").unwrap()["reason"], "MinimumReplicasAvailable");
    let sets = cluster.list(&REPLICA_SETS);
    let hash = sets[0]["metadata"]["labels"]["pod-template-hash"].as_str().unwrap().to_owned();
    assert_eq!(meta::name(&sets[0]), format!("web-{hash}"));
    for pod in cluster.list(&PODS) {
        assert!(meta::name(&pod).starts_with(&format!("web-{hash}-")), "{}", meta::name(&pod));
        assert_eq!(pod["status"]["phase"], "Running");
    }
    cluster.patch(&DEPLOYMENTS, "web", |web| web["spec"]["replicas"] = 0.into());
    cluster.until_all(&PODS, <[_]>::is_empty).await;
    cluster.until(&DEPLOYMENTS, "web", |web| web["status"]["replicas"].is_null()).await;
    let events = cluster.events();
    assert!(events.contains("ScalingReplicaSet: Scaled up replica set"), "{events}");
    assert!(events.contains("Killing: Stopping container c"), "{events}");
}

#[tokio::test]
async fn a_rolling_update_never_goes_below_what_it_promises() {
    let cluster = cluster();
    cluster.create(&DEPLOYMENTS, deployment("web", 2, &pod_spec("exec sleep 600")));
    cluster.until(&DEPLOYMENTS, "web", |web| web["status"]["availableReplicas"] == 2).await;
    cluster.patch(&DEPLOYMENTS, "web", |web| {
        web["spec"]["template"]["spec"]["containers"][0]["env"] =
            json!([{"name": "V", "value": "2"}]);
    });
    let done = |web: &serde_json::Value| {
        assert!(web["status"]["availableReplicas"].as_i64().unwrap_or(0) >= 2, "{web:#?}");
        web["status"]["updatedReplicas"] == 2
            && web["status"]["replicas"] == 2
            && web["status"]["observedGeneration"] == web["metadata"]["generation"]
    };
    cluster.until(&DEPLOYMENTS, "web", done).await;
    let sets = cluster.list(&REPLICA_SETS);
    assert_eq!(sets.len(), 2);
    assert_eq!(
        cluster.get(&DEPLOYMENTS, "web").unwrap()["metadata"]["annotations"]["deployment.kubernetes.io/revision"],
        "2"
    );
}

#[tokio::test]
async fn a_recreated_deployment_has_no_two_generations_at_once() {
    let cluster = cluster();
    let mut web = deployment("web", 1, &trapping("sleep 0.3; exit 0"));
    web["spec"]["strategy"] = json!({"type": "Recreate"});
    cluster.create(&DEPLOYMENTS, web);
    let before = cluster.until_all(&PODS, |pods| pods.len() == 1 && is_ready(&pods[0])).await;
    cluster.patch(&DEPLOYMENTS, "web", |web| {
        web["spec"]["template"]["spec"]["containers"][0]["env"] =
            json!([{"name": "V", "value": "2"}]);
    });
    let one = |pods: &[serde_json::Value]| {
        assert!(pods.len() <= 1, "{pods:#?}");
        pods.len() == 1 && meta::uid(&pods[0]) != meta::uid(&before[0]) && is_ready(&pods[0])
    };
    cluster.until_all(&PODS, one).await;
}

#[tokio::test]
async fn a_rollout_that_gets_nowhere_says_so() {
    let cluster = cluster();
    let mut spec = pod_spec("exec sleep 600");
    spec["containers"][0]["readinessProbe"] =
        json!({"exec": {"command": ["false"]}, "periodSeconds": 1});
    let mut web = deployment("web", 1, &spec);
    web["spec"]["progressDeadlineSeconds"] = 1.into();
    cluster.create(&DEPLOYMENTS, web);
    let late = |web: &serde_json::Value| {
        condition(web, "Progressing").is_some_and(|one| one["reason"] == "ProgressDeadlineExceeded")
    };
    let web = cluster.until(&DEPLOYMENTS, "web", late).await;
    assert!(!is(&web, "Progressing") && !is(&web, "Available"));
    while !cluster.events().contains("Unhealthy: Readiness probe failed:") {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_deleted_deployment_takes_its_pods_along() {
    let cluster = cluster();
    cluster.create(&DEPLOYMENTS, deployment("web", 1, &pod_spec("exec sleep 600")));
    cluster.until_all(&PODS, |pods| pods.iter().any(is_ready)).await;
    cluster.delete(&DEPLOYMENTS, "web", Propagation::Background);
    cluster.until_all(&PODS, <[_]>::is_empty).await;
    cluster.until_all(&REPLICA_SETS, <[_]>::is_empty).await;
    assert!(cluster.store().get(&DEPLOYMENTS, NS, "web").is_none());
}
