//! Waits for a fault's condition.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::act::Hands;
use crate::lab::cluster::kind::{DEPLOYMENTS, JOBS, SERVICES};
use crate::lab::cluster::meta;
use crate::lab::cluster::store::{Change, Changed};
use crate::lab::scenario::{Condition, Fault};

/// The faults of a running world; they end with it.
#[derive(Debug)]
pub(in crate::lab) struct Faults {
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Faults {
    /// Lies in wait for every fault's condition.
    pub(in crate::lab) fn start(faults: &[Fault], hands: &Arc<Hands>) -> Self {
        let waiting = Self { stop: CancellationToken::new(), tasks: TaskTracker::new() };
        for fault in faults {
            // Subscribed before anybody else can act, so that no change is missed.
            let (fault, hands, changes) = (fault.clone(), Arc::clone(hands), hands.changes());
            let stop = waiting.stop.clone();
            waiting.tasks.spawn(async move {
                if stop.run_until_cancelled(holds(&fault.when, changes)).await == Some(true) {
                    tracing::info!(fault = ?fault.action, "the lab's fault begins");
                    stop.run_until_cancelled(hands.act(&fault.action)).await;
                }
            });
        }
        waiting.tasks.close();
        waiting
    }

    /// Ends them all, those that have begun too.
    pub(in crate::lab) async fn stop(&self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// True as soon as the condition holds; false when the cluster has ended before that.
async fn holds(condition: &Condition, mut changes: Receiver<Change>) -> bool {
    if let Condition::After(time) = condition {
        tokio::time::sleep(*time).await;
        return true;
    }
    let mut left = nth(condition);
    loop {
        match changes.recv().await {
            Ok(change) if happened(condition, &change) => {
                left -= 1;
                if left == 0 {
                    return true;
                }
            }
            Ok(_) => {}
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "a fault of the lab missed changes");
            }
            Err(RecvError::Closed) => return false,
        }
    }
}

fn nth(condition: &Condition) -> u32 {
    match condition {
        Condition::JobCreated { nth, .. } | Condition::JobSucceeded { nth, .. } => (*nth).max(1),
        _ => 1,
    }
}

/// Whether this change made the condition true.
fn happened(condition: &Condition, change: &Change) -> bool {
    let object = &*change.object;
    let previous = change.previous.as_deref();
    let is =
        |kind: (&str, &str), name: &str| change.kind.id() == kind && meta::name(object) == name;
    match condition {
        Condition::After(_) => false,
        Condition::JobCreated { job, .. } => is(JOBS.id(), job) && change.what == Changed::Added,
        Condition::JobSucceeded { job, .. } => {
            is(JOBS.id(), job) && is_complete(object) && !previous.is_some_and(is_complete)
        }
        Condition::ScaledToZero { deployment } => {
            let replicas =
                |object: &Value| object.pointer("/spec/replicas").and_then(Value::as_u64);
            is(DEPLOYMENTS.id(), deployment)
                && replicas(object) == Some(0)
                && previous.is_some_and(|previous| replicas(previous) != Some(0))
        }
        Condition::SelectorChanged { service } => {
            let selector = |object: &Value| object.pointer("/spec/selector").cloned();
            is(SERVICES.id(), service)
                && change.what == Changed::Modified
                && previous.is_some_and(|previous| selector(previous) != selector(object))
        }
    }
}

fn is_complete(job: &Value) -> bool {
    let conditions = job.pointer("/status/conditions").and_then(Value::as_array);
    conditions.into_iter().flatten().any(|one| one["type"] == "Complete" && one["status"] == "True")
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::lab::cluster::removal::{DeleteOptions, Propagation};
    use crate::lab::cluster::store::Store;

    fn store() -> Store {
        Store::new("faults", Ipv4Addr::new(127, 7, 8, 0))
    }

    fn job() -> Value {
        let containers = json!([{"name": "restore", "image": "postgres:17"}]);
        json!({"metadata": {"name": "restore-job", "namespace": "default"},
            "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": containers}}}})
    }

    #[tokio::test]
    async fn the_second_job_of_a_name_is_waited_for() {
        let store = store();
        let condition = Condition::JobCreated { job: "restore-job".into(), nth: 2 };
        let changes = store.subscribe();
        let waiting = tokio::spawn(async move { holds(&condition, changes).await });
        store.create(&JOBS, job()).unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!waiting.is_finished());
        let now = DeleteOptions {
            propagation: Some(Propagation::Background),
            ..DeleteOptions::default()
        };
        store.delete(&JOBS, "default", "restore-job", &now).unwrap();
        store.create(&JOBS, job()).unwrap();
        assert!(waiting.await.unwrap());
    }

    #[tokio::test]
    async fn a_job_succeeds_once_however_often_it_is_written_afterwards() {
        let store = store();
        store.create(&JOBS, job()).unwrap();
        let mut changes = store.subscribe();
        let done = json!({"conditions": [{"type": "Complete", "status": "True"}]});
        store
            .modify_status(&JOBS, "default", "restore-job", |job| job["status"] = done.clone())
            .unwrap();
        let edit = |job: &mut Value| job["metadata"]["labels"] = json!({"seen": "yes"});
        store.modify(&JOBS, "default", "restore-job", edit).unwrap();
        let condition = Condition::JobSucceeded { job: "restore-job".into(), nth: 1 };
        let seen = [changes.recv().await.unwrap(), changes.recv().await.unwrap()];
        assert_eq!(seen.map(|change| happened(&condition, &change)), [true, false]);
    }

    #[tokio::test]
    async fn a_scale_to_zero_and_a_moved_selector_are_seen() {
        let store = store();
        let deployment = json!({"metadata": {"name": "app", "namespace": "default"}, "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": "app"}},
            "template": {
                "metadata": {"labels": {"app": "app"}},
                "spec": {"containers": [{"name": "app", "image": "chronicle-service:1"}]},
            },
        }});
        let service = json!({"metadata": {"name": "db", "namespace": "default"},
            "spec": {"selector": {"app": "blue"}, "ports": [{"port": 5432}]}});
        store.create(&DEPLOYMENTS, deployment).unwrap();
        store.create(&SERVICES, service).unwrap();
        let mut changes = store.subscribe();
        store
            .modify(&DEPLOYMENTS, "default", "app", |app| app["spec"]["replicas"] = json!(0))
            .unwrap();
        store
            .modify(&SERVICES, "default", "db", |db| db["spec"]["selector"]["app"] = json!("green"))
            .unwrap();
        let zero = Condition::ScaledToZero { deployment: "app".into() };
        let moved = Condition::SelectorChanged { service: "db".into() };
        let (first, second) = (changes.recv().await.unwrap(), changes.recv().await.unwrap());
        assert!(happened(&zero, &first) && !happened(&moved, &first));
        assert!(happened(&moved, &second) && !happened(&zero, &second));
    }
}
