//! The scheduler of a cluster with one node.
//!
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/>

use serde_json::{Value, json};

use super::claim::{SELECTED_NODE, names_of};
use super::pods::{self, set_condition};
use super::runner::{Controller, Key, Next};
use crate::lab::cluster::error::ApiError;
use crate::lab::cluster::kind::{CLAIMS, NODES, PODS};
use crate::lab::cluster::meta;
use crate::lab::cluster::recorder::Recorder;
use crate::lab::cluster::store::{Change, Store};

pub(super) struct Scheduler {
    store: Store,
    recorder: Recorder,
}

enum Choice {
    Node(String),
    /// A claim is being bound.
    Wait,
    Nowhere(String),
}

impl Scheduler {
    pub(super) fn new(store: Store) -> Self {
        let recorder = Recorder::new(store.clone(), "default-scheduler");
        Self { store, recorder }
    }

    fn choose(&self, pod: &Value) -> Result<Choice, ApiError> {
        let (nodes, _) = self.store.list(&NODES, None);
        let ns = meta::namespace(pod);
        for name in names_of(pod) {
            let claim = self.store.get(&CLAIMS, ns, name);
            match claim {
                None => {
                    return Ok(nowhere(
                        nodes.len(),
                        &format!("persistentvolumeclaim {name:?} not found"),
                    ));
                }
                Some(claim) if meta::is_deleting(&claim) => {
                    return Ok(nowhere(
                        nodes.len(),
                        &format!("persistentvolumeclaim {name:?} is being deleted"),
                    ));
                }
                Some(_) => {}
            }
        }
        let Some(node) = nodes.iter().find(|node| fits(pod, node)) else {
            let why = format!("{} node(s) didn't match Pod's node affinity/selector", nodes.len());
            return Ok(nowhere(nodes.len(), &why));
        };
        let mut waiting = false;
        for name in names_of(pod) {
            waiting |= self.ask_for(ns, name, meta::name(node))?;
        }
        Ok(if waiting { Choice::Wait } else { Choice::Node(meta::name(node).to_owned()) })
    }

    /// Tells the provisioner which node the claim's first consumer goes to. Says whether it is yet to be bound.
    fn ask_for(&self, ns: &str, name: &str, node: &str) -> Result<bool, ApiError> {
        let select = |claim: &mut Value| {
            if claim["status"]["phase"] != "Bound"
                && claim["metadata"]["annotations"][SELECTED_NODE].is_null()
            {
                claim["metadata"]["annotations"][SELECTED_NODE] = node.into();
            }
        };
        let claim = self.store.modify(&CLAIMS, ns, name, select)?;
        Ok(claim["status"]["phase"] != "Bound")
    }

    fn assign(&self, pod: &Value, node: &str) -> Result<(), ApiError> {
        let (ns, name) = (meta::namespace(pod), meta::name(pod));
        let placed =
            self.store.modify(&PODS, ns, name, |pod| pod["spec"]["nodeName"] = node.into())?;
        let scheduled = json!({"type": "PodScheduled", "status": "True", "lastProbeTime": null});
        self.store.modify_status(&PODS, ns, name, |pod| {
            set_condition(&mut pod["status"], scheduled.clone());
        })?;
        self.recorder.normal(
            &placed,
            "Scheduled",
            &format!("Successfully assigned {ns}/{name} to {node}"),
        );
        Ok(())
    }

    fn refuse(&self, pod: &Value, why: &str) -> Result<(), ApiError> {
        let condition = json!({
            "type": "PodScheduled", "status": "False", "lastProbeTime": null, "reason": "Unschedulable", "message": why,
        });
        let note = |pod: &mut Value| set_condition(&mut pod["status"], condition.clone());
        self.store.modify_status(&PODS, meta::namespace(pod), meta::name(pod), note)?;
        self.recorder.warning(pod, "FailedScheduling", why);
        Ok(())
    }
}

fn nowhere(nodes: usize, why: &str) -> Choice {
    Choice::Nowhere(format!(
        "0/{nodes} nodes are available: {why}. preemption: 0/{nodes} nodes are available: {nodes} Preemption is not helpful for scheduling."
    ))
}

/// `nodeName`, `nodeSelector` and the required node affinity's labels; what is only preferred does not matter with one node.
fn fits(pod: &Value, node: &Value) -> bool {
    let labels = &node["metadata"]["labels"];
    let selector = pod["spec"]["nodeSelector"].as_object().into_iter().flatten();
    let terms = &pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        ["nodeSelectorTerms"];
    let affine = terms
        .as_array()
        .is_none_or(|terms| terms.iter().any(|term| super::selector::by_labels(term, node)));
    selector.into_iter().all(|(key, value)| labels[key] == *value) && affine
}

impl Controller for Scheduler {
    fn name(&self) -> &'static str {
        "scheduler"
    }

    fn concerned(&self, change: &Change) -> Vec<Key> {
        if change.kind.id() == PODS.id() {
            return vec![Key::of(&change.object)];
        }
        if change.kind.id() != CLAIMS.id() && change.kind.id() != NODES.id() {
            return Vec::new();
        }
        self.all()
    }

    fn all(&self) -> Vec<Key> {
        let (all, _) = self.store.list(&PODS, None);
        all.iter().filter(|pod| meta::text(pod, "/spec/nodeName").is_empty()).map(Key::of).collect()
    }

    fn reconcile(&mut self, key: &Key) -> Result<Next, ApiError> {
        let Some(pod) = self.store.get(&PODS, &key.ns, &key.name) else {
            return Ok(Next::OnChange);
        };
        let gated =
            pod["spec"]["schedulingGates"].as_array().is_some_and(|gates| !gates.is_empty());
        if !meta::text(&pod, "/spec/nodeName").is_empty() || !pods::is_active(&pod) || gated {
            return Ok(Next::OnChange);
        }
        match self.choose(&pod)? {
            Choice::Node(node) => self.assign(&pod, &node)?,
            Choice::Wait => {}
            // Said once for each reason: the change of the condition would come back here for ever otherwise.
            Choice::Nowhere(why)
                if pods::condition(&pod, "PodScheduled")
                    .is_some_and(|one| one["message"] == *why) => {}
            Choice::Nowhere(why) => self.refuse(&pod, &why)?,
        }
        Ok(Next::OnChange)
    }
}
