//! One pod on the node, from its start to the end of its last process.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::Instant;

use super::container::name_of;
use super::node::Shared;
use super::run::Outcome;
use super::status::{Container, PodState};
use super::volume::{self, Backing};
use crate::lab::cluster::kind::PODS;
use crate::lab::cluster::meta;
use crate::lab::cluster::recorder::Grade;

/// A pod that this node takes care of. There is one task for each.
#[derive(Debug)]
pub(super) struct PodRun {
    pub(super) shared: Arc<Shared>,
    /// As it was when it came to the node.
    pub(super) pod: Value,
    pub(super) folder: PathBuf,
    state: Mutex<PodState>,
    /// When the pod's grace is over, once it is to end.
    stop: watch::Receiver<Option<Instant>>,
}

impl PodRun {
    pub(super) fn new(
        shared: Arc<Shared>,
        pod: Value,
        folder: PathBuf,
        stop: watch::Receiver<Option<Instant>>,
    ) -> Self {
        let state = Mutex::new(PodState::new(&pod, shared.host));
        Self { shared, pod, folder, state, stop }
    }

    fn state(&self) -> MutexGuard<'_, PodState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is known of the pod and reports it, in one go, so that reports are never out of order.
    pub(super) fn report(&self, change: impl FnOnce(&mut PodState)) {
        let mut state = self.state();
        change(&mut state);
        let write = |pod: &mut Value| {
            if meta::uid(pod) == meta::uid(&self.pod) {
                state.write(meta_status(pod));
            }
        };
        // A pod that is gone has no status any more.
        let _ = self.shared.store.modify_status(
            &PODS,
            meta::namespace(&self.pod),
            meta::name(&self.pod),
            write,
        );
    }

    pub(super) fn report_container(&self, name: &str, change: impl FnOnce(&mut Container)) {
        self.report(|state| {
            if let Some(container) = state.container(name) {
                change(container);
            }
        });
    }

    pub(super) fn container(&self, name: &str) -> Option<Container> {
        self.state().container(name).cloned()
    }

    pub(super) fn event(&self, grade: Grade, reason: &str, message: &str) {
        self.shared.recorder.write(&self.pod, "", grade, reason, message);
    }

    /// An event about one container.
    pub(super) fn container_event(
        &self,
        container: &Value,
        grade: Grade,
        reason: &str,
        message: &str,
    ) {
        let name = name_of(container);
        let inits = self.pod["spec"]["initContainers"].as_array().into_iter().flatten();
        let list = if inits.into_iter().any(|one| name_of(one) == name) {
            "initContainers"
        } else {
            "containers"
        };
        self.shared.recorder.write(
            &self.pod,
            &format!("spec.{list}{{{name}}}"),
            grade,
            reason,
            message,
        );
    }

    /// When its grace is over, as soon as the pod is to end.
    pub(super) async fn stopped(&self) -> Instant {
        let mut stop = self.stop.clone();
        let when = stop.wait_for(Option::is_some).await.ok().and_then(|when| *when);
        // The node itself is gone.
        when.unwrap_or_else(Instant::now)
    }

    pub(super) fn stop_changes(&self) -> watch::Receiver<Option<Instant>> {
        self.stop.clone()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.borrow().is_some()
    }

    /// Waits, unless the pod is to end. Says whether it goes on.
    pub(super) async fn pause(&self, time: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(time) => true,
            _ = self.stopped() => false,
        }
    }

    /// The pod's whole life on this node.
    pub(super) async fn run(self: Arc<Self>) {
        let holds = tokio::spawn(self.clone().follow_hooks());
        self.live().await;
        if !self.is_stopped() {
            self.give_address_back();
            self.stopped().await;
        }
        holds.abort();
        tokio::time::sleep(self.shared.hooks.linger_time(&self.pod)).await;
        self.leave();
    }

    async fn follow_hooks(self: Arc<Self>) {
        let mut changes = self.shared.hooks.changes();
        loop {
            let held = self.shared.hooks.is_held(&self.pod);
            self.report(|state| state.held = held);
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    async fn live(&self) {
        if !self.pause(self.shared.hooks.start_delay(&self.pod)).await {
            return;
        }
        let Some(backings) = self.mount().await else { return };
        let Some(address) = self.take_address().await else { return };
        let mut pod = self.pod.clone();
        pod["status"]["podIP"] = address.to_string().into();
        pod["status"]["hostIP"] = self.shared.host.to_string().into();
        for container in list(&self.pod, "initContainers") {
            match self.run_container(&pod, container, &backings, true).await {
                Outcome::Ended { code: 0 } => {}
                Outcome::Ended { .. } | Outcome::Stopped => return,
            }
        }
        let all = list(&self.pod, "containers")
            .map(|container| self.run_container(&pod, container, &backings, false));
        join_all(all).await;
    }

    /// Waits until every volume is there.
    async fn mount(&self) -> Option<BTreeMap<String, Backing>> {
        let own = self.folder.join("vol");
        loop {
            let mut backings = BTreeMap::new();
            let mut refused = None;
            for volume in list(&self.pod, "volumes") {
                match volume::backing(&self.shared.store, &self.pod, volume, &own) {
                    Ok(backing) => drop(backings.insert(name_of(volume).to_owned(), backing)),
                    Err(why) => refused = Some((name_of(volume), why)),
                }
            }
            let Some((name, why)) = refused else { return Some(backings) };
            let text = format!("MountVolume.SetUp failed for volume {name:?} : {why}");
            self.event(Grade::Warning, "FailedMount", &text);
            if !self.pause(self.shared.pace.backoff).await {
                return None;
            }
        }
    }

    async fn take_address(&self) -> Option<Ipv4Addr> {
        let (ns, name) = (meta::namespace(&self.pod), meta::name(&self.pod));
        let addresses = &self.shared.addresses;
        loop {
            // Names of a StatefulSet's pods resolve before the pods run.
            let lasting = self.pod["spec"]["subdomain"].is_string();
            let given = if lasting { addresses.reserve(ns, name) } else { addresses.give() };
            if let Some(address) = given {
                self.report(|state| state.address = Some(address));
                return Some(address);
            }
            let text = "Failed to create pod sandbox: no addresses are left in the lab's block";
            self.event(Grade::Warning, "FailedCreatePodSandBox", text);
            if !self.pause(self.shared.pace.backoff).await {
                return None;
            }
        }
    }

    fn give_address_back(&self) {
        if let Some(address) = self.state().address {
            self.shared.addresses.take_back(address);
        }
    }

    /// The last report, and the end of the object.
    fn leave(&self) {
        self.report(|state| state.over = true);
        self.give_address_back();
        // What a container wrote outside its volumes is gone with it; what cannot be removed goes with the lab.
        let _ = std::fs::remove_dir_all(&self.folder);
        let (ns, name) = (meta::namespace(&self.pod), meta::name(&self.pod));
        let _ = self.shared.store.remove(&PODS, ns, name, meta::uid(&self.pod));
    }
}

fn meta_status(pod: &mut Value) -> &mut Value {
    meta::child_mut(pod, "status");
    &mut pod["status"]
}

pub(super) fn list<'a>(pod: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    pod["spec"][key].as_array().into_iter().flatten()
}
