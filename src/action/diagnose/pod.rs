//! What is wrong with pods.

use k8s_openapi::api::core::v1::{ContainerStatus, Event, Pod};

use super::events::{about, newest, one_line, text};
use super::finding::{Finding, Trouble};
use super::{container, image};

/// What is wrong with these pods by their status and their events, the worst first. Pods that are being deleted are left out.
#[must_use]
pub fn diagnose(pods: &[Pod], events: &[Event]) -> Vec<Finding> {
    let living = pods.iter().filter(|pod| pod.metadata.deletion_timestamp.is_none());
    let mut findings: Vec<Finding> = living.flat_map(|pod| of_pod(pod, events)).collect();
    findings.sort_by_key(rank);
    findings
}

fn rank(finding: &Finding) -> u8 {
    match finding.trouble {
        Trouble::Refused => 0,
        Trouble::ImagePull { .. } => 1,
        Trouble::Config => 2,
        Trouble::CrashLoop { .. } => 3,
        Trouble::Mount => 4,
        Trouble::Unschedulable { .. } => 5,
        Trouble::Lost => 6,
        Trouble::Probe => 7,
    }
}

fn of_pod(pod: &Pod, events: &[Event]) -> Vec<Finding> {
    let events = about(events, pod.metadata.uid.as_deref().unwrap_or_default());
    let mut findings: Vec<Finding> = statuses(pod)
        .filter_map(|status| {
            if image::waits_for_image(status) {
                Some(image::finding(pod, status, &events))
            } else {
                container::finding(pod, status, &events)
            }
        })
        .collect();
    findings.extend(lost(pod));
    findings.extend(unschedulable(pod, &events));
    if findings.is_empty() && is_being_made(pod) {
        findings.extend(mount(pod, &events));
    }
    findings
}

fn statuses(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    let status = pod.status.as_ref();
    let init = status.and_then(|status| status.init_container_statuses.as_ref());
    let main = status.and_then(|status| status.container_statuses.as_ref());
    init.into_iter().flatten().chain(main.into_iter().flatten())
}

fn is_being_made(pod: &Pod) -> bool {
    let reasons = ["ContainerCreating", "PodInitializing"];
    pod.status.as_ref().and_then(|status| status.phase.as_deref()) == Some("Pending")
        && statuses(pod).all(|status| {
            let waiting = status.state.as_ref().and_then(|state| state.waiting.as_ref());
            waiting.is_some_and(|waiting| {
                reasons.contains(&waiting.reason.as_deref().unwrap_or_default())
            })
        })
}

fn lost(pod: &Pod) -> Option<Finding> {
    let status = pod.status.as_ref()?;
    let reason = status.reason.as_deref()?;
    let lost = status.phase.as_deref() == Some("Failed")
        || matches!(reason, "NodeLost" | "NodeAffinity" | "Terminated");
    lost.then(|| Finding {
        trouble: Trouble::Lost,
        message: format!("{reason}: {} is lost", name(pod)),
        object: name(pod),
        container: None,
        causes: status.message.as_deref().map(one_line).into_iter().collect(),
    })
}

/// Where the scheduler's reasons for a pod are found: its condition `PodScheduled`, and the event `FailedScheduling`.
fn unschedulable(pod: &Pod, events: &[&Event]) -> Option<Finding> {
    let conditions = pod.status.as_ref()?.conditions.as_ref()?;
    let condition = conditions
        .iter()
        .find(|condition| condition.type_ == "PodScheduled" && condition.status == "False")?;
    let reason = condition.reason.as_deref().unwrap_or("Unschedulable");
    let own = condition.message.as_deref().map(one_line);
    let event = newest(events, &["FailedScheduling"]).map(text);
    let node_coming = newest(events, &["TriggeredScaleUp"]);
    let mut causes: Vec<String> =
        node_coming.map(text).into_iter().chain(own).chain(event).collect();
    causes.dedup();
    Some(Finding {
        trouble: Trouble::Unschedulable { node_coming: node_coming.is_some() },
        message: format!("{reason}: no node takes {}", name(pod)),
        object: name(pod),
        container: None,
        causes,
    })
}

fn mount(pod: &Pod, events: &[&Event]) -> Option<Finding> {
    let reasons =
        ["FailedMount", "FailedAttachVolume", "FailedMapVolume", "FailedCreatePodSandBox"];
    let event = newest(events, &reasons)?;
    Some(Finding {
        trouble: Trouble::Mount,
        message: format!(
            "{}: {} cannot start",
            event.reason.as_deref().unwrap_or_default(),
            name(pod)
        ),
        object: name(pod),
        container: None,
        causes: vec![text(event)],
    })
}

fn name(pod: &Pod) -> String {
    format!("pod/{}", pod.metadata.name.as_deref().unwrap_or_default())
}
