use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use kube::api::DeleteParams;
use pgcutover::lab::cluster::{Effect, Fault};
use pgcutover::model::{FailureKind, Verb, Workload};
use serde_json::json;

use super::bench::{Bench, step};
use super::objects::{deployment, owner, pod, replica_set, rolled_out};

fn to(replicas: u32) -> Verb {
    Verb::Scale { workload: Workload::Deployment("app".into()), replicas }
}

async fn bench_with_a_pod() -> (Bench, Pod) {
    let bench = Bench::start().await;
    let made: Deployment = bench.create(deployment("app", 1)).await;
    let set = replica_set(&bench, &made).await;
    let owners = owner("ReplicaSet", "apps/v1", &set.metadata);
    let pod = pod(&bench, "app-7d9f-x7k2p", json!({ "app": "app" }), owners).await;
    (bench, pod)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pod_that_is_terminating_is_not_gone() {
    let (bench, pod) = bench_with_a_pod().await;
    let mut running = bench.begin(step("stop-writers", to(0))).await.spawn();
    running.tells("has not seen the new count").await;
    rolled_out(&bench, "app").await;
    let name = pod.metadata.name.unwrap();
    running.tells("1 pods are left").await;
    bench.api::<Pod>().delete(&name, &DeleteParams::default()).await.unwrap();
    running.tells("Terminating").await;
    assert!(!running.has_ended());
    bench.api::<Pod>().delete(&name, &DeleteParams::default().grace_period(0)).await.unwrap();
    let outcome = running.ends().await.unwrap();
    assert_eq!(outcome.summary, "deployment/app scaled from 1 to 0");
    assert_eq!(outcome.evidence[0].summary, "deployment/app: no pod is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_former_count_is_restored_and_waited_for() {
    let bench = Bench::start().await;
    let _: Deployment = bench.create(deployment("app", 3)).await;
    let attempt = bench.begin(step("stop-writers", to(0))).await;
    rolled_out(&bench, "app").await;
    let player = async {
        loop {
            rolled_out(&bench, "app").await;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    let work = async {
        attempt.perform().await.unwrap();
        attempt.undo().await.unwrap();
        // Undone already: nothing happens.
        attempt.undo().await.unwrap()
    };
    let outcome = tokio::select! { outcome = work => outcome, () = player => unreachable!() };
    assert_eq!(outcome.summary, "deployment/app scaled back from 3 to 3");
    let found = bench.api::<Deployment>().get("app").await.unwrap();
    assert_eq!(found.spec.unwrap().replicas, Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_api_server_that_stumbles_is_asked_again() {
    let (bench, pod) = bench_with_a_pod().await;
    let attempt = bench.begin(step("stop-writers", to(0))).await;
    let fault = Fault {
        verbs: vec!["list".into()],
        resource: "pods".into(),
        times: Some(12),
        ..Fault::of(Effect::Answer(500))
    };
    bench.server.faults().add(fault);
    let mut running = attempt.spawn();
    running.tells("has not seen the new count").await;
    rolled_out(&bench, "app").await;
    running.tells("asking again").await;
    bench.server.faults().end_watches();
    let name = pod.metadata.name.unwrap();
    bench.api::<Pod>().delete(&name, &DeleteParams::default().grace_period(0)).await.unwrap();
    running.ends().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_wait_says_what_it_saw_last() {
    let (bench, _) = bench_with_a_pod().await;
    let mut running = bench.begin(step("stop-writers", to(0))).await.spawn();
    running.tells("has not seen the new count").await;
    rolled_out(&bench, "app").await;
    running.tells("1 pods are left").await;
    running.cancel.cancel();
    let failure = running.ends().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
    assert_eq!(
        failure.message,
        "cancelled while waiting for the pods of deployment/app to be gone"
    );
    assert!(failure.causes[0].contains("app-7d9f-x7k2p"), "{failure:?}");
}
