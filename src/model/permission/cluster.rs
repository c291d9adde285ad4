//! What is asked of the API server, by verb, gate and connection. It follows the calls that `action`, `observe` and `world`
//! make; the modules there list theirs, and a rehearsal under the printed Role holds the two against each other.

use std::collections::BTreeSet;

use super::Permission;
use super::needs::{Needs, Resource};
use crate::model::gate::{Gate, HttpTarget};
use crate::model::runbook::{Connection, Runbook, Step, Store, Undo};
use crate::model::side::Side;
use crate::model::verb::{Manifest, ObjectRef, Verb, Workload};

impl Runbook {
    /// What a run needs.
    #[must_use]
    pub fn permissions(&self) -> Vec<Permission> {
        let mut needs = Needs::default();
        self.observation(&mut needs);
        self.custody(&["get", "update"], &mut needs);
        needs.any(&["create"], &leases());
        needs.any(&["create"], &Resource::new("", "configmaps"));
        for (_, step) in self.steps() {
            self.step_needs(step, &mut needs);
        }
        needs.finish()
    }

    /// What watching needs: reads, and the way to the databases.
    #[must_use]
    pub fn monitor_permissions(&self) -> Vec<Permission> {
        let mut needs = Needs::default();
        self.observation(&mut needs);
        self.custody(&["get"], &mut needs);
        needs.finish()
    }

    /// What a step needs, its gates and its undo included, and the sessions that it holds.
    #[must_use]
    pub fn permissions_of(&self, step: &Step) -> Vec<Permission> {
        let mut needs = Needs::default();
        self.step_needs(step, &mut needs);
        needs.finish()
    }

    fn step_needs(&self, step: &Step, needs: &mut Needs) {
        self.verb_needs(&step.verb, needs);
        match &step.undo {
            Undo::Nothing => {}
            Undo::Former => former(&step.verb, needs),
            Undo::Verb(verb) => self.verb_needs(verb, needs),
        }
        let held = if let Verb::Soak { gates, .. } = &step.verb { gates.as_slice() } else { &[] };
        for gate in step.gates.iter().chain(&step.expect).chain(held) {
            self.gate_needs(gate, needs);
        }
    }

    /// The workloads that it has to do with: those of both sides, those that write, and those that it applies.
    #[must_use]
    pub fn workloads(&self) -> BTreeSet<Workload> {
        let stores = Side::BOTH.into_iter().filter_map(|side| self.store(side).workload.clone());
        let writers = self.traffic.iter().flat_map(|traffic| traffic.writers.iter().cloned());
        let applied = self.steps().flat_map(|(_, step)| match &step.verb {
            Verb::Apply { manifests, .. } => {
                objects(manifests).filter_map(|one| workload(&one)).collect()
            }
            _ => Vec::new(),
        });
        stores.chain(writers).chain(applied).collect()
    }

    /// Readings of both sides, of who serves, and of what stands in the namespace, all by watch. A list or watch of one object, by `metadata.name`, is
    /// granted by its name: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources>.
    fn observation(&self, needs: &mut Needs) {
        const FOLLOW: &[&str] = &["list", "watch"];
        for side in Side::BOTH {
            session(self.store(side), needs);
        }
        for workload in self.workloads() {
            needs.named(FOLLOW, &Resource::of_workload(&workload), workload.name());
        }
        if let Some(traffic) = &self.traffic {
            needs.named(FOLLOW, &services(), &traffic.service);
            needs.any(FOLLOW, &endpoint_slices());
        }
        for resource in [pods(), jobs(), events(), Resource::new("", "persistentvolumeclaims")] {
            needs.any(FOLLOW, &resource);
        }
        // the log that the operator looks at
        needs.any(&["get"], &pods().sub("log"));
    }

    /// Who drives a run, and the journal's mirror.
    fn custody(&self, verbs: &[&'static str], needs: &mut Needs) {
        needs.named(verbs, &leases(), &self.lease());
        for part in self.mirror() {
            needs.named(verbs, &Resource::new("", "configmaps"), &part);
        }
    }

    fn verb_needs(&self, verb: &Verb, needs: &mut Needs) {
        match verb {
            Verb::Check | Verb::Manual { .. } | Verb::Exec { .. } | Verb::Soak { .. } => {}
            Verb::Apply { manifests, .. } => apply(manifests, needs),
            Verb::Delete { objects } => delete(objects, needs),
            Verb::Job { manifest } => job(manifest, needs),
            Verb::Scale { workload, .. } => scale(workload, needs),
            Verb::SwitchService { service, to } => {
                needs.named(&["get", "patch"], &services(), service);
                needs.any(&["list", "watch"], &endpoint_slices());
                needs.any(&["list", "watch"], &pods());
                self.through_service(service, *to, needs);
            }
            Verb::Patch { object, .. } => patch(object, needs),
            Verb::Restart { workload } => patch(&workload.object(), needs),
            Verb::Fence { side } | Verb::Unfence { side } => {
                session(self.store(*side), needs);
                needs.any(&["list"], &pods());
                needs.any(&["get"], &Resource::new("apps", "replicasets"));
            }
            Verb::Sql { side, .. } | Verb::Backup { side, .. } => session(self.store(*side), needs),
            Verb::Verify { .. } => self.both(needs),
        }
    }

    fn gate_needs(&self, gate: &Gate, needs: &mut Needs) {
        match gate {
            Gate::Reachable { side }
            | Gate::VersionAtLeast { side, .. }
            | Gate::DumpClientMatchesServer { side, .. }
            | Gate::Extension { side, .. }
            | Gate::ExtensionWorks { side, .. }
            | Gate::NoWriters { side }
            | Gate::Fenced { side }
            | Gate::NoLongTransactions { side, .. }
            | Gate::NoPreparedTransactions { side }
            | Gate::SqlPrivileges { side }
            | Gate::Sql { side, .. } => session(self.store(*side), needs),
            Gate::DifferentServers
            | Gate::ExtensionsAvailable
            | Gate::RowsEqual
            | Gate::ContentEqual
            | Gate::SchemaEqual
            | Gate::SequencesSafe => self.both(needs),
            Gate::PodsGone { workload } | Gate::PodsReady { workload } => pods_of(workload, needs),
            Gate::PvcBound { claim } => {
                needs.named(&["get"], &Resource::new("", "persistentvolumeclaims"), claim);
                needs.any(&["list"], &events());
            }
            Gate::Endpoints { service, .. } => {
                needs.named(&["get"], &services(), service);
                needs.any(&["list"], &endpoint_slices());
                needs.any(&["list"], &pods());
            }
            Gate::Serving { service, side } => self.through_service(service, *side, needs),
            Gate::JobSucceeded { job } => needs.named(&["get"], &jobs(), job),
            Gate::Http { target, .. } => http(target, needs),
            // The question itself is allowed to everybody by the ClusterRole `system:basic-user`.
            Gate::Privileges | Gate::WindowOpen | Gate::Budget | Gate::Soaked { .. } => {}
        }
    }

    fn both(&self, needs: &mut Needs) {
        for side in Side::BOTH {
            session(self.store(side), needs);
        }
    }

    /// A session through the Service: to the pods behind it, since a laptop does not reach its address.
    fn through_service(&self, service: &str, side: Side, needs: &mut Needs) {
        needs.named(&["get"], &services(), service);
        needs.any(&["list"], &endpoint_slices());
        needs.any(&["get", "list"], &pods());
        port_forward(needs);
        session(self.store(side), needs);
    }
}

/// A session on a side's server.
fn session(store: &Store, needs: &mut Needs) {
    let Connection::Pod { secret, direct, .. } = &store.connection else { return };
    needs.any(&["list"], &pods());
    if !direct {
        port_forward(needs);
    }
    if let Some(secret) = secret {
        needs.named(&["get"], &Resource::new("", "secrets"), &secret.name);
    }
}

/// Over `WebSocket` it is a GET that upgrades: servers up to 1.34 ask for `get`, newer ones for `create` as well.
fn port_forward(needs: &mut Needs) {
    needs.any(&["get", "create"], &pods().sub("portforward"));
}

/// A workload and its pods, by the links that its controllers set.
fn pods_of(workload: &Workload, needs: &mut Needs) {
    needs.named(&["get"], &Resource::of_workload(workload), workload.name());
    if matches!(workload, Workload::Deployment(_)) {
        needs.any(&["list"], &Resource::new("apps", "replicasets"));
    }
    needs.any(&["list"], &pods());
}

/// Waiting for a rollout, with what diagnoses one that hangs.
fn rollout(workload: &Workload, needs: &mut Needs) {
    pods_of(workload, needs);
    needs.any(&["list", "watch"], &Resource::of_workload(workload));
    if matches!(workload, Workload::Deployment(_)) {
        needs.any(&["list", "watch"], &Resource::new("apps", "replicasets"));
    }
    needs.any(&["list", "watch"], &pods());
    needs.any(&["get"], &pods().sub("log"));
    needs.any(&["list"], &events());
}

fn apply(manifests: &[Manifest], needs: &mut Needs) {
    for object in objects(manifests) {
        let resource = Resource::of(&object);
        needs.named(&["get", "patch"], &resource, &object.name);
        needs.any(&["create"], &resource);
        if let Some(workload) = workload(&object) {
            rollout(&workload, needs);
            pull_secrets(needs);
        }
        if object.kind == "PersistentVolumeClaim" {
            needs.any(&["list", "watch"], &resource);
            needs.any(&["list"], &events());
        }
    }
}

/// Which Secret other workloads of the namespace show to the registry that refuses.
fn pull_secrets(needs: &mut Needs) {
    needs.any(&["list"], &Resource::new("apps", "deployments"));
    needs.any(&["list"], &Resource::new("apps", "statefulsets"));
}

fn delete(objects: &[ObjectRef], needs: &mut Needs) {
    for object in objects {
        needs.named(&["get", "delete"], &Resource::of(object), &object.name);
        if object.kind == "PersistentVolumeClaim" {
            needs.any(&["list"], &pods());
        }
    }
}

fn job(manifest: &Manifest, needs: &mut Needs) {
    for object in objects(std::slice::from_ref(manifest)) {
        needs.named(&["get", "delete"], &jobs(), &object.name);
    }
    needs.any(&["list", "watch", "create"], &jobs());
    needs.any(&["list", "watch"], &pods());
    needs.any(&["get"], &pods().sub("log"));
    needs.any(&["list"], &events());
    pull_secrets(needs);
}

fn scale(workload: &Workload, needs: &mut Needs) {
    needs.named(&["get", "patch"], &Resource::of_workload(workload).sub("scale"), workload.name());
    needs.any(&["list"], &Resource::new("autoscaling", "horizontalpodautoscalers"));
    rollout(workload, needs);
}

fn patch(object: &ObjectRef, needs: &mut Needs) {
    needs.named(&["get", "patch"], &Resource::of(object), &object.name);
    if let Some(workload) = workload(object) {
        rollout(&workload, needs);
    }
}

/// What an undo needs beyond its verb.
fn former(verb: &Verb, needs: &mut Needs) {
    if let Verb::Apply { manifests, .. } = verb {
        for object in objects(manifests).filter(|object| object.kind != "Namespace") {
            needs.named(&["delete"], &Resource::of(&object), &object.name);
        }
    }
}

fn http(target: &HttpTarget, needs: &mut Needs) {
    if let HttpTarget::Service { service, .. } = target {
        needs.named(&["get"], &services(), service);
        needs.any(&["list"], &endpoint_slices());
        port_forward(needs);
    }
}

fn objects(manifests: &[Manifest]) -> impl Iterator<Item = ObjectRef> {
    let text = |document: &serde_json::Value, pointer: &str| {
        document.pointer(pointer).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
    };
    manifests.iter().flat_map(|manifest| &manifest.documents).map(move |document| ObjectRef {
        api_version: text(document, "/apiVersion"),
        kind: text(document, "/kind"),
        name: text(document, "/metadata/name"),
    })
}

fn workload(object: &ObjectRef) -> Option<Workload> {
    match object.kind.as_str() {
        "Deployment" => Some(Workload::Deployment(object.name.clone())),
        "StatefulSet" => Some(Workload::StatefulSet(object.name.clone())),
        _ => None,
    }
}

fn leases() -> Resource {
    Resource::new("coordination.k8s.io", "leases")
}

fn pods() -> Resource {
    Resource::new("", "pods")
}

fn services() -> Resource {
    Resource::new("", "services")
}

fn endpoint_slices() -> Resource {
    Resource::new("discovery.k8s.io", "endpointslices")
}

fn events() -> Resource {
    Resource::new("", "events")
}

fn jobs() -> Resource {
    Resource::new("batch", "jobs")
}
