//! The row of a pod: what people mean by its status is in no single field.

use jiff::Timestamp;
use serde_json::Value;

use super::super::super::meta;
use super::age::since;
use super::render::{age, each, name, number, text, text_or};

pub(super) fn cells(pod: &Value, now: Timestamp) -> Vec<String> {
    let seen = Seen::of(pod);
    let total = each(pod, "/spec/containers").count();
    vec![
        name(pod),
        format!("{}/{total}", seen.ready),
        seen.status,
        restarts(seen.restarts, seen.last_restart, now),
        age(pod, now),
        text_or(pod, "/status/podIP", "<none>"),
        text_or(pod, "/spec/nodeName", "<none>"),
        text_or(pod, "/status/nominatedNodeName", "<none>"),
        "<none>".to_owned(),
    ]
}

fn restarts(count: i64, last: Option<&Value>, now: Timestamp) -> String {
    match last {
        Some(last) if count > 0 => format!("{count} ({} ago)", since(last, now)),
        _ => count.to_string(),
    }
}

/// What the containers add up to.
struct Seen<'a> {
    status: String,
    ready: usize,
    restarts: i64,
    last_restart: Option<&'a Value>,
}

impl<'a> Seen<'a> {
    fn of(pod: &'a Value) -> Self {
        let phase = text(pod, "/status/phase");
        let mut seen = Self {
            status: text_or(pod, "/status/reason", &phase),
            ready: 0,
            restarts: 0,
            last_restart: None,
        };
        let initializing = seen.init_containers(pod);
        if !initializing {
            seen.containers(pod);
        }
        if meta::is_deleting(pod) && !matches!(phase.as_str(), "Succeeded" | "Failed") {
            "Terminating".clone_into(&mut seen.status);
        }
        seen
    }

    /// Whether one of the init containers still holds the pod.
    fn init_containers(&mut self, pod: &'a Value) -> bool {
        let total = each(pod, "/spec/initContainers").count();
        for (index, status) in each(pod, "/status/initContainerStatuses").enumerate() {
            self.count_restarts(status);
            let state = &status["state"];
            if !state["terminated"].is_null() && number(state, "/terminated/exitCode") == 0 {
                continue;
            }
            let waiting = text(state, "/waiting/reason");
            self.status = if !state["terminated"].is_null() {
                format!("Init:{}", ended(&state["terminated"]))
            } else if !waiting.is_empty() && waiting != "PodInitializing" {
                format!("Init:{waiting}")
            } else {
                format!("Init:{index}/{total}")
            };
            return true;
        }
        false
    }

    fn containers(&mut self, pod: &'a Value) {
        self.restarts = 0;
        let mut runs = false;
        let statuses: Vec<&Value> = each(pod, "/status/containerStatuses").collect();
        for status in statuses.into_iter().rev() {
            self.count_restarts(status);
            let state = &status["state"];
            let waiting = text(state, "/waiting/reason");
            if !waiting.is_empty() {
                self.status = waiting;
            } else if !state["terminated"].is_null() {
                self.status = ended(&state["terminated"]);
            } else if status["ready"] == true && !state["running"].is_null() {
                runs = true;
                self.ready += 1;
            }
        }
        if self.status == "Completed" && runs {
            let ready = each(pod, "/status/conditions")
                .any(|c| c["type"] == "Ready" && c["status"] == "True");
            let told = if ready { "Running" } else { "NotReady" };
            told.clone_into(&mut self.status);
        }
    }

    fn count_restarts(&mut self, status: &'a Value) {
        self.restarts += number(status, "/restartCount");
        let last = status.pointer("/lastState/terminated/finishedAt");
        let later = |new: &Value, old: &Value| new.as_str() > old.as_str();
        if last.is_some_and(|last| self.last_restart.is_none_or(|former| later(last, former))) {
            self.last_restart = last;
        }
    }
}

/// Why a container ended, in a word.
fn ended(terminated: &Value) -> String {
    let (reason, signal) = (text(terminated, "/reason"), number(terminated, "/signal"));
    if !reason.is_empty() {
        reason
    } else if signal != 0 {
        format!("Signal:{signal}")
    } else {
        format!("ExitCode:{}", number(terminated, "/exitCode"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(status: &Value) -> Vec<String> {
        let pod = json!({"metadata": {"name": "a"}, "spec": {"containers": [{"name": "m"}]}, "status": status});
        cells(&pod, Timestamp::now())[1..4].to_vec()
    }

    #[test]
    fn the_status_of_a_pod_is_what_its_containers_say() {
        let pulling = json!({"phase": "Pending", "containerStatuses": [{"name": "m", "state": {"waiting": {"reason": "ImagePullBackOff"}}}]});
        assert_eq!(row(&pulling), ["0/1", "ImagePullBackOff", "0"]);
        let running = json!({"phase": "Running", "containerStatuses": [{"name": "m", "ready": true, "restartCount": 1, "state": {"running": {}}}]});
        assert_eq!(row(&running), ["1/1", "Running", "1"]);
        let failed = json!({"phase": "Failed", "containerStatuses": [{"name": "m", "state": {"terminated": {"exitCode": 2}}}]});
        assert_eq!(row(&failed), ["0/1", "ExitCode:2", "0"]);
        assert_eq!(row(&json!({"phase": "Pending"})), ["0/1", "Pending", "0"]);
    }
}
