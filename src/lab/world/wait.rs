//! Waiting for what the controllers and the node do.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::error::LabError;
use crate::lab::cluster::kind::{DEPLOYMENTS, PODS};
use crate::lab::cluster::meta;
use crate::lab::cluster::store::Store;

const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(10);

/// Waits until a condition holds.
pub(super) async fn until(
    what: &str,
    mut holds: impl FnMut() -> bool,
    why: impl FnOnce() -> String,
) -> Result<(), LabError> {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        if Instant::now() >= deadline {
            return Err(LabError::NotReady {
                what: what.to_owned(),
                seconds: PATIENCE.as_secs(),
                why: why(),
            });
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// Waits until a Deployment has the pods that it wants, all of them ready.
pub(super) async fn ready(store: &Store, ns: &str, deployment: &str) -> Result<(), LabError> {
    let number = |object: &Value, pointer: &str| object.pointer(pointer).and_then(Value::as_u64);
    let holds = || {
        store.get(&DEPLOYMENTS, ns, deployment).is_some_and(|object| {
            let wanted = number(&object, "/spec/replicas").unwrap_or(1);
            number(&object, "/status/readyReplicas").unwrap_or(0) >= wanted
        })
    };
    until(&format!("deployment/{deployment}"), holds, || state_of_pods(store, ns, deployment)).await
}

/// What the pods of a Deployment say about themselves.
fn state_of_pods(store: &Store, ns: &str, deployment: &str) -> String {
    let pods = store.list(&PODS, Some(ns)).0;
    let own = pods.iter().filter(|pod| meta::name(pod).starts_with(deployment));
    let told: Vec<String> =
        own.map(|pod| format!("{}: {}", meta::name(pod), pod["status"])).collect();
    if told.is_empty() { "it has no pod".to_owned() } else { told.join("; ") }
}
