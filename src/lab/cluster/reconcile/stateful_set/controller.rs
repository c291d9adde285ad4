use std::time::Duration;

use serde_json::{Value, json};

use super::super::pods::{self, Availability, count, number};
use super::super::runner::{Controller, Key, Next};
use super::pod;
use super::revision::{self, Revisions};
use crate::lab::cluster::error::ApiError;
use crate::lab::cluster::kind::{CLAIMS, PODS, STATEFUL_SETS};
use crate::lab::cluster::meta;
use crate::lab::cluster::recorder::Recorder;
use crate::lab::cluster::store::{Change, Store};

pub(in super::super) struct StatefulSets {
    store: Store,
    recorder: Recorder,
}

/// One look at a set: its pods by ordinal, and what it wants.
struct View<'a> {
    set: &'a Value,
    revisions: &'a Revisions,
    pods: Vec<(i64, Value)>,
    ordinals: std::ops::Range<i64>,
    min_ready: Duration,
}

impl View<'_> {
    fn at(&self, ordinal: i64) -> Option<&Value> {
        self.pods.iter().find(|(nth, _)| *nth == ordinal).map(|(_, pod)| pod)
    }

    fn in_order(&self) -> bool {
        self.set["spec"]["podManagementPolicy"] != "Parallel"
    }

    fn is_healthy(&self, pod: &Value) -> bool {
        !meta::is_deleting(pod) && pods::availability(pod, self.min_ready) == Availability::Now
    }

    fn partition(&self) -> i64 {
        number(self.set, "/spec/updateStrategy/rollingUpdate/partition").unwrap_or(0)
    }
}

impl StatefulSets {
    pub(in super::super) fn new(store: Store) -> Self {
        let recorder = Recorder::new(store.clone(), "statefulset-controller");
        Self { store, recorder }
    }

    fn view<'a>(&self, set: &'a Value, revisions: &'a Revisions) -> View<'a> {
        let owned = pods::owned(&self.store, set);
        let mut pods: Vec<(i64, Value)> =
            owned.into_iter().filter_map(|pod| Some((pod::ordinal(set, &pod)?, pod))).collect();
        pods.sort_by_key(|(nth, _)| *nth);
        let first = number(set, "/spec/ordinals/start").unwrap_or(0);
        let replicas = number(set, "/spec/replicas").unwrap_or(1);
        let min_ready = pods::seconds(set, "/spec/minReadySeconds").unwrap_or_default();
        View { set, revisions, pods, ordinals: first..first + replicas, min_ready }
    }

    /// Grows, then shrinks, then updates; where the order counts, one pod at a time.
    fn settle(&self, view: &View<'_>) -> Result<(), ApiError> {
        for nth in view.ordinals.clone() {
            let waits = self.ensure(view, nth)?;
            if waits && view.in_order() {
                return Ok(());
            }
        }
        let surplus = view.pods.iter().rev().filter(|(nth, _)| !view.ordinals.contains(nth));
        for (_, pod) in surplus {
            self.delete(view.set, pod)?;
            if view.in_order() {
                return Ok(());
            }
        }
        self.update(view)
    }

    /// Makes the pod if it is missing, and again if it has finished. Says whether the next one has to wait.
    fn ensure(&self, view: &View<'_>, nth: i64) -> Result<bool, ApiError> {
        match view.at(nth) {
            None => self.add(view, nth).map(|()| true),
            Some(pod) if meta::is_deleting(pod) => Ok(true),
            Some(pod) if pods::is_finished(pod) => {
                let text = format!(
                    "StatefulSet {}/{} is recreating failed Pod {}",
                    meta::namespace(pod),
                    meta::name(view.set),
                    meta::name(pod)
                );
                self.recorder.warning(view.set, "RecreatingFailedPod", &text);
                pods::delete(&self.store, pod).map(|()| true)
            }
            Some(pod) => Ok(!view.is_healthy(pod)),
        }
    }

    fn add(&self, view: &View<'_>, nth: i64) -> Result<(), ApiError> {
        self.add_claims(view.set, nth)?;
        let old = nth < view.ordinals.start + view.partition();
        let revisions = view.revisions;
        let built = if old {
            pod::build(view.set, &revisions.current_template, nth, &revisions.current)
        } else {
            pod::build(view.set, &view.set["spec"]["template"], nth, &revisions.update)
        };
        let (name, set) = (pod::name(view.set, nth), meta::name(view.set));
        match self.store.create(&PODS, built) {
            Ok(_) => {
                let text = format!("create Pod {name} in StatefulSet {set} successful");
                self.recorder.normal(view.set, "SuccessfulCreate", &text);
                Ok(())
            }
            Err(error) => {
                let text = format!("create Pod {name} in StatefulSet {set} failed error: {error}");
                self.recorder.warning(view.set, "FailedCreate", &text);
                Err(error)
            }
        }
    }

    fn add_claims(&self, set: &Value, nth: i64) -> Result<(), ApiError> {
        for claim in pod::claims(set, nth) {
            if self.store.get(&CLAIMS, meta::namespace(&claim), meta::name(&claim)).is_some() {
                continue;
            }
            let text = format!(
                "create Claim {} Pod {} in StatefulSet {} success",
                meta::name(&claim),
                pod::name(set, nth),
                meta::name(set)
            );
            self.store.create(&CLAIMS, claim)?;
            self.recorder.normal(set, "SuccessfulCreate", &text);
        }
        Ok(())
    }

    fn delete(&self, set: &Value, pod: &Value) -> Result<(), ApiError> {
        if meta::is_deleting(pod) {
            return Ok(());
        }
        pods::delete(&self.store, pod)?;
        let text =
            format!("delete Pod {} in StatefulSet {} successful", meta::name(pod), meta::name(set));
        self.recorder.normal(set, "SuccessfulDelete", &text);
        Ok(())
    }

    /// From the highest ordinal down to the partition, the first pod of another revision goes; an unhealthy one is waited for.
    fn update(&self, view: &View<'_>) -> Result<(), ApiError> {
        if view.set["spec"]["updateStrategy"]["type"] == "OnDelete" {
            return Ok(());
        }
        let lowest = view.ordinals.start + view.partition();
        for (_, pod) in view.pods.iter().rev().filter(|(nth, _)| *nth >= lowest) {
            if pod::revision(pod) != view.revisions.update {
                return self.delete(view.set, pod);
            }
            if !view.is_healthy(pod) {
                return Ok(());
            }
        }
        Ok(())
    }

    fn report(&self, set: &Value, revisions: &Revisions) -> Result<Next, ApiError> {
        let view = self.view(set, revisions);
        let (mut available, mut next) = (0, Next::OnChange);
        let live: Vec<&Value> =
            view.pods.iter().map(|(_, pod)| pod).filter(|pod| !pods::is_finished(pod)).collect();
        for pod in &live {
            match pods::availability(pod, view.min_ready) {
                Availability::Now => available += 1,
                Availability::In(left) => {
                    next = next.or(Next::After(left + Duration::from_millis(50)));
                }
                Availability::Not => {}
            }
        }
        let of = |revision: &str| {
            live.iter()
                .filter(|pod| pod::revision(pod) == revision && !meta::is_deleting(pod))
                .count()
        };
        let ready = live.iter().filter(|pod| pods::is_ready(pod)).count();
        let updated = count(of(&revisions.update));
        let wanted = view.ordinals.end - view.ordinals.start;
        let done = updated == wanted && count(ready) == wanted && count(live.len()) == wanted;
        let current = if done { &revisions.update } else { &revisions.current };
        let status = json!({
            "observedGeneration": set["metadata"]["generation"], "replicas": live.len(), "readyReplicas": ready,
            "availableReplicas": available, "currentReplicas": of(current), "updatedReplicas": updated,
            "currentRevision": current, "updateRevision": revisions.update, "collisionCount": 0,
        });
        let write = |set: &mut Value| set["status"] = status.clone();
        self.store.modify_status(&STATEFUL_SETS, meta::namespace(set), meta::name(set), write)?;
        Ok(next)
    }
}

impl Controller for StatefulSets {
    fn name(&self) -> &'static str {
        "statefulset"
    }

    fn concerned(&self, change: &Change) -> Vec<Key> {
        pods::itself_or_owner(change, &STATEFUL_SETS, &PODS)
    }

    fn all(&self) -> Vec<Key> {
        pods::keys(&self.store, &STATEFUL_SETS)
    }

    fn reconcile(&mut self, key: &Key) -> Result<Next, ApiError> {
        let Some(set) = self.store.get(&STATEFUL_SETS, &key.ns, &key.name) else {
            return Ok(Next::OnChange);
        };
        if meta::is_deleting(&set) {
            return Ok(Next::OnChange);
        }
        let revisions = revision::of(&self.store, &set)?;
        self.settle(&self.view(&set, &revisions))?;
        self.report(&set, &revisions)
    }
}
