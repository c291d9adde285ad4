//! What the kubelet reports of a pod.
//!
//! <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/>

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::container::name_of;
use crate::lab::cluster::meta;

/// How a run of a container ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) code: i32,
    pub(super) reason: &'static str,
    pub(super) message: String,
    pub(super) started: String,
    pub(super) finished: String,
    pub(super) id: String,
}

impl Ended {
    fn value(&self) -> Value {
        let mut value = json!({
            "exitCode": self.code, "reason": self.reason, "startedAt": self.started, "finishedAt": self.finished, "containerID": self.id,
        });
        if !self.message.is_empty() {
            value["message"] = self.message.clone().into();
        }
        json!({"terminated": value})
    }
}

/// What a container does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Now {
    Waiting { reason: &'static str, message: String },
    Running { since: String, id: String },
    Ended(Ended),
}

/// One container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) image: String,
    pub(super) now: Now,
    pub(super) before: Option<Ended>,
    pub(super) restarts: u32,
    /// Its startup probe has passed, or it has none.
    pub(super) started: bool,
    /// Its readiness probe passes, or it has none.
    pub(super) ready: bool,
}

impl Container {
    pub(super) fn new(container: &Value, reason: &'static str) -> Self {
        Self {
            name: name_of(container).to_owned(),
            image: meta::text(container, "/image").to_owned(),
            now: Now::Waiting { reason, message: String::new() },
            before: None,
            restarts: 0,
            started: false,
            ready: false,
        }
    }

    fn has_succeeded(&self) -> bool {
        matches!(&self.now, Now::Ended(ended) if ended.code == 0)
    }

    fn is_running(&self) -> bool {
        matches!(self.now, Now::Running { .. })
    }

    fn is_ready(&self) -> bool {
        self.is_running() && self.started && self.ready
    }

    fn value(&self, ready: bool) -> Value {
        let state = match &self.now {
            Now::Waiting { reason, message } if message.is_empty() => {
                json!({"waiting": {"reason": reason}})
            }
            Now::Waiting { reason, message } => {
                json!({"waiting": {"reason": reason, "message": message}})
            }
            Now::Running { since, .. } => json!({"running": {"startedAt": since}}),
            Now::Ended(ended) => ended.value(),
        };
        let id = match &self.now {
            Now::Running { id, .. } => id.clone(),
            Now::Ended(ended) => ended.id.clone(),
            Now::Waiting { .. } => {
                self.before.as_ref().map(|before| before.id.clone()).unwrap_or_default()
            }
        };
        let mut value = json!({
            "name": self.name, "state": state, "lastState": self.before.as_ref().map_or_else(|| json!({}), Ended::value),
            "ready": ready, "restartCount": self.restarts, "image": self.image, "imageID": "", "started": self.is_running() && self.started,
        });
        if !id.is_empty() {
            value["containerID"] = id.into();
            value["imageID"] = format!("{}@lab", super::image::full_name(&self.image)).into();
        }
        value
    }
}

/// What restarts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Restart {
    Always,
    OnFailure,
    Never,
}

impl Restart {
    pub(super) fn of(pod: &Value) -> Self {
        match meta::text(pod, "/spec/restartPolicy") {
            "OnFailure" => Self::OnFailure,
            "Never" => Self::Never,
            _ => Self::Always,
        }
    }
}

/// A pod as its node sees it.
#[derive(Debug, Clone)]
pub(super) struct PodState {
    pub(super) restart: Restart,
    pub(super) init: Vec<Container>,
    pub(super) main: Vec<Container>,
    pub(super) address: Option<Ipv4Addr>,
    pub(super) host: Ipv4Addr,
    pub(super) started: String,
    /// A scenario keeps the pod from being ready.
    pub(super) held: bool,
    /// Everything has ended for good: a pod that is deleted reports how.
    pub(super) over: bool,
}

impl PodState {
    pub(super) fn new(pod: &Value, host: Ipv4Addr) -> Self {
        let list = |key: &str, reason: &'static str| {
            let containers = pod["spec"][key].as_array().into_iter().flatten();
            containers.map(|container| Container::new(container, reason)).collect::<Vec<_>>()
        };
        let init = list("initContainers", "PodInitializing");
        let waiting = if init.is_empty() { "ContainerCreating" } else { "PodInitializing" };
        Self {
            restart: Restart::of(pod),
            main: list("containers", waiting),
            init,
            address: None,
            host,
            started: meta::now(),
            held: false,
            over: false,
        }
    }

    pub(super) fn container(&mut self, name: &str) -> Option<&mut Container> {
        self.init.iter_mut().chain(&mut self.main).find(|container| container.name == name)
    }

    fn initialized(&self) -> bool {
        self.init.iter().all(Container::has_succeeded)
    }

    /// As `getPhase` of the kubelet decides it.
    fn phase(&self) -> &'static str {
        let failed_init = self.restart == Restart::Never
            && self.init.iter().any(|one| matches!(&one.now, Now::Ended(ended) if ended.code != 0));
        if self.over || failed_init {
            let succeeded = self.initialized() && self.main.iter().all(Container::has_succeeded);
            return if succeeded { "Succeeded" } else { "Failed" };
        }
        let waiting =
            |one: &Container| matches!(one.now, Now::Waiting { .. }) && one.before.is_none();
        if !self.initialized() || self.main.iter().any(waiting) {
            return "Pending";
        }
        if self.main.iter().any(Container::is_running) || self.restart == Restart::Always {
            return "Running";
        }
        let ended = self.main.iter().all(|one| matches!(one.now, Now::Ended(_)));
        if self.main.iter().all(Container::has_succeeded) {
            "Succeeded"
        } else if self.restart == Restart::Never && ended {
            "Failed"
        } else {
            "Running"
        }
    }

    /// The status, beside what others have written into it (`PodScheduled`).
    pub(super) fn write(&self, status: &mut Value) {
        let phase = self.phase();
        let finished = matches!(phase, "Succeeded" | "Failed");
        let ready = |one: &Container| one.is_ready() && !self.held && !finished;
        status["phase"] = phase.into();
        status["hostIP"] = self.host.to_string().into();
        status["hostIPs"] = json!([{"ip": self.host.to_string()}]);
        if let Some(address) = self.address {
            status["podIP"] = address.to_string().into();
            status["podIPs"] = json!([{"ip": address.to_string()}]);
        }
        status["startTime"] = self.started.clone().into();
        if !self.init.is_empty() {
            status["initContainerStatuses"] =
                self.init.iter().map(|one| one.value(one.has_succeeded())).collect();
        }
        status["containerStatuses"] = self.main.iter().map(|one| one.value(ready(one))).collect();
        let unready: Vec<&str> =
            self.main.iter().filter(|one| !ready(one)).map(|one| one.name.as_str()).collect();
        let incomplete: Vec<&str> = self
            .init
            .iter()
            .filter(|one| !one.has_succeeded())
            .map(|one| one.name.as_str())
            .collect();
        let network =
            if self.address.is_some() && !finished { None } else { Some(("", String::new())) };
        set(status, "PodReadyToStartContainers", network);
        let text = format!("containers with incomplete status: [{}]", incomplete.join(" "));
        set(
            status,
            "Initialized",
            (!incomplete.is_empty()).then_some(("ContainersNotInitialized", text)),
        );
        let why_not = || match phase {
            "Succeeded" => Some(("PodCompleted", String::new())),
            "Failed" => Some(("PodFailed", String::new())),
            _ if unready.is_empty() => None,
            _ => Some((
                "ContainersNotReady",
                format!("containers with unready status: [{}]", unready.join(" ")),
            )),
        };
        set(status, "Ready", why_not());
        set(status, "ContainersReady", why_not());
    }
}

/// A condition is true, or says why it is not.
fn set(status: &mut Value, kind: &str, why_not: Option<(&str, String)>) {
    let mut condition = json!({"type": kind, "status": if why_not.is_none() { "True" } else { "False" }, "lastProbeTime": null});
    if let Some((reason, message)) = why_not {
        if !reason.is_empty() {
            condition["reason"] = reason.into();
        }
        if !message.is_empty() {
            condition["message"] = message.into();
        }
    }
    crate::lab::cluster::reconcile::set_condition(status, condition);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(policy: &str, inits: usize) -> PodState {
        let init: Vec<Value> =
            (0..inits).map(|nth| json!({"name": format!("i{nth}"), "image": "x"})).collect();
        let pod = json!({"spec": {"restartPolicy": policy, "initContainers": init, "containers": [{"name": "c", "image": "x"}]}});
        PodState::new(&pod, Ipv4Addr::LOCALHOST)
    }

    fn ended(code: i32) -> Now {
        let none = String::new;
        Now::Ended(Ended {
            code,
            reason: "Error",
            message: none(),
            started: none(),
            finished: none(),
            id: "x".to_owned(),
        })
    }

    fn running() -> Now {
        Now::Running { since: String::new(), id: "x".to_owned() }
    }

    #[test]
    fn phases_are_those_of_the_kubelet() {
        let mut pod = state("Always", 1);
        assert_eq!(pod.phase(), "Pending");
        pod.init[0].now = ended(0);
        pod.main[0].now = running();
        assert_eq!(pod.phase(), "Running");
        pod.main[0].now = ended(1);
        assert_eq!(pod.phase(), "Running");
        pod.restart = Restart::Never;
        assert_eq!(pod.phase(), "Failed");
        pod.main[0].now = ended(0);
        assert_eq!(pod.phase(), "Succeeded");
    }

    #[test]
    fn a_container_in_back_off_has_run_and_one_without_an_image_has_not() {
        let mut pod = state("Always", 0);
        pod.main[0].now = Now::Waiting { reason: "ImagePullBackOff", message: String::new() };
        assert_eq!(pod.phase(), "Pending");
        let Now::Ended(before) = ended(1) else { panic!() };
        pod.main[0].before = Some(before);
        pod.main[0].now = Now::Waiting { reason: "CrashLoopBackOff", message: String::new() };
        assert_eq!(pod.phase(), "Running");
    }

    #[test]
    fn readiness_needs_the_probes_and_nobody_who_holds_the_pod() {
        let mut pod = state("Always", 0);
        pod.main[0].now = running();
        let ready = |pod: &PodState| {
            let mut status = json!({});
            pod.write(&mut status);
            let list = status["conditions"].as_array().unwrap();
            list.iter().find(|one| one["type"] == "Ready").unwrap()["status"] == "True"
        };
        assert!(!ready(&pod));
        (pod.main[0].started, pod.main[0].ready) = (true, true);
        assert!(ready(&pod));
        pod.held = true;
        assert!(!ready(&pod));
    }
}
