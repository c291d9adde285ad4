//! The programs of a Job's containers, for the log of what was said to the world: what runs, for how long, and how it ended.

use std::collections::BTreeMap;
use std::time::Duration;

use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Pod};

use crate::action::act::Act;
use crate::model::{CallOutcome, CallTarget};
use crate::world::Ongoing;

/// Every container of the Job's pods that has begun; what has ended is none.
pub(super) struct Programs<'a> {
    act: Act<'a>,
    begun: BTreeMap<String, Option<Ongoing>>,
}

impl<'a> Programs<'a> {
    pub(super) const fn new(act: Act<'a>) -> Self {
        Self { act, begun: BTreeMap::new() }
    }

    /// Takes in how the containers are now.
    pub(super) fn look(&mut self, pods: &[Pod]) {
        for (pod, status) in pods.iter().flat_map(|pod| statuses(pod).map(move |it| (pod, it))) {
            let Some(state) = &status.state else { continue };
            if state.running.is_none() && state.terminated.is_none() {
                continue;
            }
            let name = pod.metadata.name.as_deref().unwrap_or_default();
            let key = format!("{name}/{}/{}", status.name, status.restart_count);
            let seen = self.begun.contains_key(&key);
            let begun = self.begun.entry(key).or_insert_with(|| {
                let argv = argv(pod, status);
                let calls = self.act.world.calls();
                Some(calls.program(CallTarget::Pod, self.act.step.id.as_str(), &argv))
            });
            if let Some(ended) = &state.terminated
                && let Some(call) = begun.take()
            {
                let outcome = CallOutcome::Exited(ended.exit_code);
                match took(ended).filter(|_| !seen) {
                    Some(took) => call.end_after(took, outcome),
                    None => call.end(outcome),
                }
            }
        }
    }
}

fn statuses(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    let all = pod.status.iter().flat_map(|status| {
        [status.init_container_statuses.as_ref(), status.container_statuses.as_ref()]
    });
    all.flatten().flatten()
}

/// What a container runs; its image where that decides.
fn argv(pod: &Pod, status: &ContainerStatus) -> Vec<String> {
    let spec = pod.spec.iter();
    let all = spec.flat_map(|spec| spec.init_containers.iter().flatten().chain(&spec.containers));
    let said = all.filter(|container| container.name == status.name).flat_map(|container| {
        container.command.iter().flatten().chain(container.args.iter().flatten()).cloned()
    });
    let said: Vec<String> = said.collect();
    if said.is_empty() { vec![status.image.clone()] } else { said }
}

/// By the kubelet's word, which knows whole seconds.
fn took(ended: &ContainerStateTerminated) -> Option<Duration> {
    let (from, to) = (ended.started_at.as_ref()?, ended.finished_at.as_ref()?);
    Duration::try_from(to.0.duration_since(from.0)).ok()
}
