//! Reaching a cluster's pods from outside and from inside: over the API server's port-forward, and at their addresses.

use std::sync::Arc;
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::Pod;
use kube::api::DeleteParams;
use pgcutover::lab::{Lab, LabConfig};
use pgcutover::model::{Gate, HttpTarget, Judgement, Opening, RunId, RunState, Side, Workload};
use pgcutover::observe::{look, watch};
use pgcutover::profile::{Overrides, load};
use pgcutover::world::{Access, SessionKind, Target, Way, World, WorldError};
use tokio_util::sync::CancellationToken;

use crate::support::{lab_config, start_lab};

async fn lab() -> Option<Lab> {
    start_lab(LabConfig { scale: 0.05, ..lab_config("plain") }).await
}

async fn enter(lab: &Lab, access: Access, direct: Option<bool>) -> World {
    let runbook = Arc::new(load("chronicle", &Overrides::default()).unwrap());
    let target =
        Target { kubeconfig: Some(lab.kubeconfig().to_owned()), direct, ..Target::default() };
    World::connect(runbook, RunId::new("run"), target, access).await.unwrap()
}

async fn see(world: &World, gate: Gate) -> Judgement {
    look(world, &gate, &RunState::new(&world.runbook)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_side_is_reached_through_the_api_server_and_at_its_address() {
    let Some(lab) = lab().await else { return };
    let outside = enter(&lab, Access::ReadWrite, None).await;
    let begun = Instant::now();
    let forwarded = outside.blue.session("look", SessionKind::Observer).await.unwrap();
    println!("connected through the API server in {} ms", begun.elapsed().as_millis());
    let peer = forwarded.peer().clone();
    assert_eq!(
        (peer.way, peer.user.as_str(), peer.database.as_str()),
        (Way::PortForward, "chronicle_user", "chronicle_db")
    );
    assert!(peer.pod.is_some_and(|pod| pod.name.starts_with("chronicle-db-v17-")));
    let begun = Instant::now();
    for _ in 0..20 {
        forwarded.query_one("SELECT 1", &[]).await.unwrap();
    }
    println!("a query takes {} µs", begun.elapsed().as_micros() / 20);
    let inside = enter(&lab, Access::ReadWrite, Some(true)).await;
    let direct = inside.blue.session("look", SessionKind::Observer).await.unwrap();
    assert_eq!(direct.peer().way, Way::PodAddress);
    assert_eq!(direct.peer().system_identifier, peer.system_identifier);

    let sleep = forwarded.query("SELECT pg_sleep(30)", &[]);
    assert!(tokio::time::timeout(Duration::from_millis(300), sleep).await.is_err());
    let begun = Instant::now();
    forwarded.query_one("SELECT 1", &[]).await.unwrap();
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "the statement was not cancelled through the API server"
    );

    let large = "SELECT repeat('x', 8000000)";
    let row = forwarded.query_one(large, &[]).await.unwrap();
    assert_eq!(row.get::<_, String>(0).len(), 8_000_000);

    let missing = outside.green.session("look", SessionKind::Observer).await.unwrap_err();
    assert!(matches!(missing, WorldError::NoPod { .. }), "{missing}");
    assert_eq!(
        missing.to_string(),
        "green has no ready pod with the labels `app=chronicle-db-v17-vector`"
    );
    lab.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cluster_is_seen_as_it_is() {
    use Opening::{Held, Open};
    let Some(lab) = lab().await else { return };
    let world = enter(&lab, Access::ReadWrite, None).await;
    let service = || "chronicle-db".to_owned();
    let blue = || Workload::Deployment("chronicle-db-v17".into());
    let health = HttpTarget::Service {
        service: "chronicle-service".into(),
        port: 8080,
        path: "/health".into(),
    };
    for (gate, opening) in [
        (Gate::Reachable { side: Side::Blue }, Open),
        (Gate::Reachable { side: Side::Green }, Held),
        (Gate::PodsReady { workload: blue() }, Open),
        (Gate::PodsGone { workload: blue() }, Held),
        (Gate::PodsGone { workload: Workload::Deployment("chronicle-db-v17-vector".into()) }, Open),
        (Gate::PvcBound { claim: "postgres-chronicle-pvc-v17".into() }, Open),
        (Gate::PvcBound { claim: "absent".into() }, Held),
        (Gate::JobSucceeded { job: "backup-job".into() }, Held),
        (Gate::Endpoints { service: service(), side: Side::Blue }, Open),
        (Gate::Endpoints { service: service(), side: Side::Green }, Held),
        (Gate::Serving { service: service(), side: Side::Blue }, Open),
        (Gate::Http { target: health.clone(), status: 200, contains: None }, Open),
        (Gate::Http { target: health, status: 204, contains: None }, Held),
        (Gate::NoWriters { side: Side::Blue }, Held),
        (Gate::Privileges, Open),
        (Gate::SqlPrivileges { side: Side::Blue }, Open),
    ] {
        let seen = see(&world, gate).await;
        assert_eq!(seen.opening, opening, "{seen:#?}");
    }
    let inside = enter(&lab, Access::ReadOnly, Some(true)).await;
    let proof = inside.blue.through_service("chronicle-db", "serving").await.unwrap();
    assert_eq!((proof.way, proof.peers.len()), (Way::ClusterAddress, 1));
    let proof = world.blue.through_service("chronicle-db", "serving").await.unwrap();
    assert_eq!((proof.way, proof.peers.len()), (Way::PortForward, 1));
    lab.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_finds_its_way_back_to_a_pod_that_was_replaced() {
    let Some(lab) = lab().await else { return };
    let world = enter(&lab, Access::ReadOnly, None).await;
    let stop = CancellationToken::new();
    let mut readings = watch(&world, Duration::from_millis(300), stop.clone());
    let limit = Duration::from_secs(60);
    let seen = tokio::time::timeout(
        limit,
        readings.observed.wait_for(|seen| {
            let blue = seen.blue.tables.fresh().is_some() && seen.blue.pods.fresh().is_some();
            blue && seen.serving.fresh().is_some()
        }),
    )
    .await;
    let seen = seen.unwrap().unwrap().clone();
    println!(
        "{} tables, serving {:?}, pods {:?}",
        seen.blue.tables.value().unwrap().len(),
        seen.serving,
        seen.blue.pods
    );
    assert_eq!(seen.serving.fresh(), Some(&Some(Side::Blue)));
    assert_eq!(seen.blue.pods.fresh(), Some(&(1, 1)));
    assert!(seen.green.tables.value().is_none() && seen.green.pods.value().is_none());
    let operator = enter(&lab, Access::ReadWrite, None).await;
    let pod =
        world.blue.session("x", SessionKind::Observer).await.unwrap().peer().pod.clone().unwrap();
    operator.cluster.api::<Pod>().delete(&pod.name, &DeleteParams::default()).await.unwrap();
    let stale = readings.observed.wait_for(|seen| seen.blue.clients.fresh().is_none());
    tokio::time::timeout(limit, stale).await.unwrap().unwrap();
    let back = readings.observed.wait_for(|seen| seen.blue.clients.fresh().is_some());
    tokio::time::timeout(limit, back).await.unwrap().unwrap();
    stop.cancel();
    lab.shutdown().await;
}
