//! Containers that are made and do not live, or cannot be made.

use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Event, Pod};

use super::events::{newest, one_line, text};
use super::finding::{Finding, Trouble};

const CONFIG: &[&str] = &[
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "PreCreateHookError",
    "PreStartHookError",
    "PostStartHookError",
    "VerifyNonRootError",
];

/// Restarts after which a container that is not ready counts as crashing, though it runs at this moment.
const CRASHES: i32 = 3;

/// What is wrong with a container, apart from its image.
pub(super) fn finding(pod: &Pod, status: &ContainerStatus, events: &[&Event]) -> Option<Finding> {
    let waiting = status.state.as_ref().and_then(|state| state.waiting.as_ref());
    let reason = waiting.and_then(|waiting| waiting.reason.as_deref()).unwrap_or_default();
    let message = waiting.and_then(|waiting| waiting.message.as_deref()).map(one_line);
    if CONFIG.contains(&reason) {
        return Some(config(pod, status, reason, message, events));
    }
    let crashes = status.restart_count >= CRASHES && !status.ready && last_end(status).is_some();
    if reason == "CrashLoopBackOff" || crashes {
        return Some(crash(pod, status, message));
    }
    let running = status.state.as_ref().is_some_and(|state| state.running.is_some());
    (running && !status.ready).then(|| unready(pod, status, events)).flatten()
}

fn config(
    pod: &Pod,
    status: &ContainerStatus,
    reason: &str,
    message: Option<String>,
    events: &[&Event],
) -> Finding {
    let event = newest(events, &["Failed"]).map(text);
    let cause = message.or(event).unwrap_or_default();
    let name = pod_name(pod);
    Finding {
        trouble: Trouble::Config,
        message: format!(
            "{reason}: container `{}` of pod/{name} cannot be made: {cause}",
            status.name
        ),
        object: format!("pod/{name}"),
        container: Some(status.name.clone()),
        causes: newest(events, &["Failed"])
            .map(text)
            .into_iter()
            .filter(|text| *text != cause)
            .collect(),
    }
}

fn crash(pod: &Pod, status: &ContainerStatus, waiting: Option<String>) -> Finding {
    let end = last_end(status);
    let name = pod_name(pod);
    let how = end.map_or_else(|| "ended".to_owned(), describe_end);
    let restarts = status.restart_count;
    let times = if restarts == 1 { "once".to_owned() } else { format!("{restarts} times") };
    let own = end.and_then(|end| end.message.as_deref()).map(one_line);
    Finding {
        message: format!(
            "CrashLoopBackOff: container `{}` of pod/{name} {how} and was restarted {times}",
            status.name
        ),
        trouble: Trouble::CrashLoop { restarts, exit_code: end.map(|end| end.exit_code) },
        object: format!("pod/{name}"),
        container: Some(status.name.clone()),
        causes: own.into_iter().chain(waiting).collect(),
    }
}

/// A pod that runs and is not ready is told with the newest failure of a probe.
fn unready(pod: &Pod, status: &ContainerStatus, events: &[&Event]) -> Option<Finding> {
    let event = newest(events, &["Unhealthy", "ProbeWarning"])?;
    let name = pod_name(pod);
    Some(Finding {
        trouble: Trouble::Probe,
        message: format!("container `{}` of pod/{name} runs and is not ready", status.name),
        object: format!("pod/{name}"),
        container: Some(status.name.clone()),
        causes: vec![text(event)],
    })
}

fn last_end(status: &ContainerStatus) -> Option<&ContainerStateTerminated> {
    status
        .state
        .as_ref()
        .and_then(|state| state.terminated.as_ref())
        .or_else(|| status.last_state.as_ref().and_then(|state| state.terminated.as_ref()))
}

/// How a container ended, with what its exit code means.
pub(super) fn describe_end(end: &ContainerStateTerminated) -> String {
    let reason = end.reason.as_deref().unwrap_or_default();
    let meaning = match (reason, end.exit_code) {
        ("OOMKilled", _) => " (OOMKilled: it used more memory than its limit)",
        ("StartError" | "ContainerCannotRun", _) => " (it could not be started)",
        (_, 126) => " (its command is not executable)",
        (_, 127) => " (its command was not found)",
        (_, 137) => " (SIGKILL)",
        (_, 139) => " (SIGSEGV)",
        (_, 143) => " (SIGTERM)",
        _ => "",
    };
    format!("ended with exit code {}{meaning}", end.exit_code)
}

fn pod_name(pod: &Pod) -> &str {
    pod.metadata.name.as_deref().unwrap_or_default()
}
