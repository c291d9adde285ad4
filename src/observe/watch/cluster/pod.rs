//! Pods.

use k8s_openapi::api::core::v1::{ContainerState, ContainerStatus, Pod, PodStatus};
use kube::ResourceExt;

use crate::model::{ContainerView, OwnerView, PodView};

use super::job::time;

pub(super) fn view(pod: &Pod) -> PodView {
    let status = pod.status.clone().unwrap_or_default();
    let main = status.container_statuses.as_deref().unwrap_or_default();
    let deleted = pod.metadata.deletion_timestamp.is_some();
    let (reason, message) = trouble(&status, deleted).unzip();
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let all = pod.spec.as_ref().map_or(main.len(), |spec| spec.containers.len());
    PodView {
        phase: match &status.phase {
            _ if deleted => "Terminating".to_owned(),
            Some(phase) => phase.clone(),
            None => "Pending".to_owned(),
        },
        ready: (number(main.iter().filter(|one| one.ready).count()), number(all)),
        restarts: statuses(&status).map(|(_, one)| one.restart_count.unsigned_abs()).sum(),
        node: pod.spec.as_ref().and_then(|spec| spec.node_name.clone()),
        created: pod.metadata.creation_timestamp.as_ref().and_then(time),
        addresses: addresses(pod, &status),
        owner: owner(pod),
        reason,
        message,
        containers: statuses(&status).map(|(init, one)| container(init, one)).collect(),
    }
}

/// Containers with whether they are init containers, in the order in which they begin.
fn statuses(status: &PodStatus) -> impl Iterator<Item = (bool, &ContainerStatus)> {
    let init = status.init_container_statuses.iter().flatten().map(|one| (true, one));
    init.chain(status.container_statuses.iter().flatten().map(|one| (false, one)))
}

/// A pod on its node's network has the node's address, which is not its own.
fn addresses(pod: &Pod, status: &PodStatus) -> Vec<String> {
    if pod.spec.as_ref().is_some_and(|spec| spec.host_network == Some(true)) {
        return Vec::new();
    }
    let several = status.pod_ips.iter().flatten().map(|ip| ip.ip.clone());
    let mut all: Vec<String> = status.pod_ip.iter().cloned().chain(several).collect();
    all.dedup();
    all
}

/// A `ReplicaSet` that a Deployment made is named after it and the hash of its template, which its pods carry as a label.
fn owner(pod: &Pod) -> Option<OwnerView> {
    let made = pod.owner_references().iter().find(|owner| owner.controller == Some(true))?;
    let hash = pod.labels().get("pod-template-hash");
    let deployment = hash
        .filter(|_| made.kind == "ReplicaSet")
        .and_then(|hash| made.name.strip_suffix(hash.as_str())?.strip_suffix('-'));
    Some(match deployment {
        Some(name) => OwnerView { kind: "Deployment".to_owned(), name: name.to_owned() },
        None => OwnerView { kind: made.kind.clone(), name: made.name.clone() },
    })
}

fn container(init: bool, status: &ContainerStatus) -> ContainerView {
    let state = status.state.clone().unwrap_or_default();
    let began = state.running.is_some()
        || state.terminated.is_some()
        || status.last_state.as_ref().is_some_and(|last| last.terminated.is_some());
    ContainerView { name: status.name.clone(), init, state: word(&state), began }
}

fn word(state: &ContainerState) -> String {
    if let Some(ended) = &state.terminated {
        let reason = ended.reason.as_deref().unwrap_or("ended");
        return match ended.exit_code {
            0 => reason.to_owned(),
            code => format!("{reason} ({code})"),
        };
    }
    if state.running.is_some() {
        return "running".to_owned();
    }
    let waiting = state.waiting.as_ref().and_then(|waiting| waiting.reason.clone());
    waiting.unwrap_or_else(|| "waiting".to_owned())
}

/// Why a pod does not get on: a word and a sentence. A pod that is only on its way has no trouble.
fn trouble(status: &PodStatus, deleted: bool) -> Option<(String, String)> {
    if deleted || status.phase.as_deref() == Some("Succeeded") {
        return None;
    }
    if let Some(reason) = &status.reason {
        return Some((reason.clone(), one_line(status.message.as_deref().unwrap_or_default())));
    }
    statuses(status).find_map(|(_, one)| stuck(one)).or_else(|| unscheduled(status))
}

fn stuck(status: &ContainerStatus) -> Option<(String, String)> {
    const ON_ITS_WAY: &[&str] = &["ContainerCreating", "PodInitializing", ""];
    let state = status.state.clone().unwrap_or_default();
    if let Some(waiting) = state.waiting {
        let reason = waiting.reason.unwrap_or_default();
        let message = waiting.message.unwrap_or_default();
        return (!ON_ITS_WAY.contains(&reason.as_str())).then(|| (reason, one_line(&message)));
    }
    let ended = state.terminated.filter(|ended| ended.exit_code != 0)?;
    let reason = ended.reason.unwrap_or_else(|| "Error".to_owned());
    let own = ended.message.map_or_else(String::new, |text| format!(": {text}"));
    let said = format!("container {} ended with exit code {}{own}", status.name, ended.exit_code);
    Some((reason, one_line(&said)))
}

fn unscheduled(status: &PodStatus) -> Option<(String, String)> {
    let conditions = status.conditions.as_ref()?;
    let refused = conditions
        .iter()
        .find(|condition| condition.type_ == "PodScheduled" && condition.status == "False")?;
    let reason = refused.reason.clone().unwrap_or_else(|| "Unschedulable".to_owned());
    Some((reason, one_line(refused.message.as_deref().unwrap_or_default())))
}

/// Text on one line, without control characters, and not longer than a person reads.
pub(super) fn one_line(text: &str) -> String {
    const LONGEST: usize = 500;
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pod_names_its_workload_and_why_it_does_not_get_on() {
        let pod: Pod = serde_json::from_value(json!({
            "metadata": { "name": "app-5d9-x", "labels": { "pod-template-hash": "5d9" }, "creationTimestamp": "2026-01-01T00:00:00Z",
                "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "app-5d9", "uid": "u", "controller": true }] },
            "spec": { "nodeName": "n1", "containers": [{ "name": "app" }] },
            "status": { "phase": "Pending", "podIP": "10.0.0.7", "podIPs": [{ "ip": "10.0.0.7" }],
                "containerStatuses": [{ "name": "app", "ready": false, "restartCount": 3, "image": "i", "imageID": "",
                    "state": { "waiting": { "reason": "ImagePullBackOff", "message": "Back-off\npulling" } } }] },
        }))
        .unwrap();
        let view = view(&pod);
        assert_eq!(view.owner.unwrap().to_string(), "deployment/app");
        assert_eq!((view.ready, view.restarts, view.phase.as_str()), ((0, 1), 3, "Pending"));
        assert_eq!(view.addresses, ["10.0.0.7"]);
        assert_eq!(view.reason.as_deref(), Some("ImagePullBackOff"));
        assert_eq!(view.message.as_deref(), Some("Back-off pulling"));
        assert_eq!(view.containers[0].state, "ImagePullBackOff");
        assert!(!view.containers[0].began);
    }
}
