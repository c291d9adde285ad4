//! `ReplicaSets`: as many pods as asked for.

use std::time::Duration;

use serde_json::{Value, json};

use super::pods::{self, Availability, count};
use super::runner::{Controller, Key, Next};
use super::selector;
use crate::lab::cluster::error::ApiError;
use crate::lab::cluster::kind::{PODS, REPLICA_SETS};
use crate::lab::cluster::meta;
use crate::lab::cluster::recorder::Recorder;
use crate::lab::cluster::store::{Change, Store};

pub(super) struct ReplicaSets {
    store: Store,
    recorder: Recorder,
}

impl ReplicaSets {
    pub(super) fn new(store: Store) -> Self {
        let recorder = Recorder::new(store.clone(), "replicaset-controller");
        Self { store, recorder }
    }

    /// Takes pods that match and belong to nobody, and returns all that are not finished or ending.
    fn claim(&self, set: &Value) -> Vec<Value> {
        let (all, _) = self.store.list(&PODS, Some(meta::namespace(set)));
        let matching =
            all.into_iter().filter(|pod| selector::by_labels(&set["spec"]["selector"], pod));
        matching.filter_map(|pod| self.adopt(set, pod)).filter(pods::is_active).collect()
    }

    fn adopt(&self, set: &Value, pod: Value) -> Option<Value> {
        if meta::controller(&pod).is_some() {
            return pods::is_controlled_by(&pod, set).then_some(pod);
        }
        if meta::is_deleting(set) || !pods::is_active(&pod) {
            return None;
        }
        let own = |pod: &mut Value| add_owner(pod, meta::owned_by(set));
        self.store.modify(&PODS, meta::namespace(&pod), meta::name(&pod), own).ok()
    }

    fn scale(&self, set: &Value, active: &[Value], wanted: i64) -> Result<(), ApiError> {
        for _ in count(active.len())..wanted {
            self.add_pod(set)?;
        }
        let surplus = usize::try_from(count(active.len()) - wanted).unwrap_or(0);
        for pod in first_to_go(active).into_iter().take(surplus) {
            pods::delete(&self.store, pod)?;
            self.recorder.normal(
                set,
                "SuccessfulDelete",
                &format!("Deleted pod: {}", meta::name(pod)),
            );
        }
        Ok(())
    }

    fn add_pod(&self, set: &Value) -> Result<(), ApiError> {
        let mut pod = pods::from_template(&set["spec"]["template"], set);
        pod["metadata"]["generateName"] = format!("{}-", meta::name(set)).into();
        match self.store.create(&PODS, pod) {
            Ok(pod) => {
                self.recorder.normal(
                    set,
                    "SuccessfulCreate",
                    &format!("Created pod: {}", meta::name(&pod)),
                );
                Ok(())
            }
            Err(error) => {
                self.recorder.warning(set, "FailedCreate", &format!("Error creating: {error}"));
                Err(error)
            }
        }
    }

    fn report(&self, set: &Value) -> Result<Next, ApiError> {
        let active = self.claim(set);
        let min_ready = pods::seconds(set, "/spec/minReadySeconds").unwrap_or_default();
        let (mut available, mut next) = (0, Next::OnChange);
        for pod in &active {
            match pods::availability(pod, min_ready) {
                Availability::Now => available += 1,
                Availability::In(left) => {
                    next = next.or(Next::After(left + Duration::from_millis(50)));
                }
                Availability::Not => {}
            }
        }
        let labels = &set["spec"]["template"]["metadata"]["labels"];
        let labeled = active.iter().filter(|pod| selector::by_map(labels, pod)).count();
        let ready = active.iter().filter(|pod| pods::is_ready(pod)).count();
        let write = |set: &mut Value| {
            let generation = set["metadata"]["generation"].clone();
            let mut status = json!({"replicas": active.len()});
            for (key, number) in [
                ("fullyLabeledReplicas", labeled),
                ("readyReplicas", ready),
                ("availableReplicas", available),
            ] {
                if number > 0 {
                    status[key] = number.into();
                }
            }
            status["observedGeneration"] = generation;
            set["status"] = status;
        };
        self.store.modify_status(&REPLICA_SETS, meta::namespace(set), meta::name(set), write)?;
        Ok(next)
    }
}

fn add_owner(object: &mut Value, owner: Value) {
    let meta = meta::meta_mut(object);
    match meta.get_mut("ownerReferences").and_then(Value::as_array_mut) {
        Some(list) => list.push(owner),
        None => drop(meta.insert("ownerReferences".to_owned(), json!([owner]))),
    }
}

/// Pending before running, not ready before ready, the younger before the older.
fn first_to_go(active: &[Value]) -> Vec<&Value> {
    let mut order: Vec<&Value> = active.iter().collect();
    order.sort_by_key(|pod| {
        let unscheduled = meta::text(pod, "/spec/nodeName").is_empty();
        let born = std::cmp::Reverse(meta::revision(pod));
        (!unscheduled, pods::phase(pod) == "Running", pods::is_ready(pod), born)
    });
    order
}

impl Controller for ReplicaSets {
    fn name(&self) -> &'static str {
        "replicaset"
    }

    fn concerned(&self, change: &Change) -> Vec<Key> {
        let mut keys = pods::itself_or_owner(change, &REPLICA_SETS, &PODS);
        if change.kind.id() == PODS.id() && meta::controller(&change.object).is_none() {
            keys.extend(pods::keys(&self.store, &REPLICA_SETS));
        }
        keys
    }

    fn all(&self) -> Vec<Key> {
        pods::keys(&self.store, &REPLICA_SETS)
    }

    fn reconcile(&mut self, key: &Key) -> Result<Next, ApiError> {
        let Some(set) = self.store.get(&REPLICA_SETS, &key.ns, &key.name) else {
            return Ok(Next::OnChange);
        };
        let scaled = if meta::is_deleting(&set) {
            Ok(())
        } else {
            self.scale(&set, &self.claim(&set), pods::number(&set, "/spec/replicas").unwrap_or(1))
        };
        let next = self.report(&set)?;
        scaled.map(|()| next)
    }
}
