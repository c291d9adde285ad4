//! One container of a pod: its processes from start to end, and its restarts.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::container::{self, Ground, Plan, name_of};
use super::image::ImageSpec;
use super::log::ContainerLog;
use super::pace::Backoff;
use super::pod::PodRun;
use super::status::{Ended, Now, Restart};
use super::volume::Backing;
use crate::lab::cluster::meta;
use crate::lab::cluster::recorder::Grade;
use crate::lab::process::{self, Exit, Running};

/// How a container's story on the node ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is not started again.
    Ended { code: i32 },
    /// The pod is to end.
    Stopped,
}

impl PodRun {
    /// Runs the container until it is not to be started again. `pod` is the pod with its address.
    pub(super) async fn run_container(
        &self,
        pod: &Value,
        container: &Value,
        backings: &BTreeMap<String, Backing>,
        init: bool,
    ) -> Outcome {
        let name = name_of(container);
        let mut backoff = Backoff::default();
        loop {
            let Some(image) = self.ensure_image(container).await else { return Outcome::Stopped };
            let ground = Ground {
                shared: &self.shared,
                pod,
                container,
                image: &image,
                backings,
                folder: &self.folder,
            };
            let Some(plan) = self.ensure_plan(container, &ground).await else {
                return Outcome::Stopped;
            };
            let begun = Instant::now();
            let ended = self.run_once(pod, container, &image, &plan).await;
            if self.is_stopped() {
                return Outcome::Stopped;
            }
            let again = match Restart::of(&self.pod) {
                Restart::Never => false,
                Restart::Always if !init => true,
                Restart::Always | Restart::OnFailure => ended.code != 0,
            };
            if !again {
                return Outcome::Ended { code: ended.code };
            }
            backoff.settle(begun.elapsed());
            if !self.back_off(container, &ended, backoff.next(self.shared.pace)).await {
                return Outcome::Stopped;
            }
            self.report_container(name, |one| one.restarts += 1);
        }
    }

    async fn back_off(&self, container: &Value, ended: &Ended, pause: Duration) -> bool {
        let name = name_of(container);
        if pause.is_zero() {
            self.report_container(name, |one| one.before = Some(ended.clone()));
            return true;
        }
        let pod = format!(
            "{}_{}({})",
            meta::name(&self.pod),
            meta::namespace(&self.pod),
            meta::uid(&self.pod)
        );
        let message = format!(
            "back-off {}s restarting failed container={name} pod={pod}",
            pause.as_secs_f32()
        );
        self.report_container(name, |one| {
            one.before = Some(ended.clone());
            one.now = Now::Waiting { reason: "CrashLoopBackOff", message };
        });
        let text = format!("Back-off restarting failed container {name} in pod {pod}");
        self.container_event(container, Grade::Warning, "BackOff", &text);
        self.pause(pause).await
    }

    /// Puts the container together until everything that it refers to is there.
    async fn ensure_plan(&self, container: &Value, ground: &Ground<'_>) -> Option<Plan> {
        loop {
            let why = match ground.plan() {
                Ok(plan) => return Some(plan),
                Err(why) => why,
            };
            self.container_event(container, Grade::Warning, "Failed", &format!("Error: {why}"));
            let now = Now::Waiting { reason: "CreateContainerConfigError", message: why };
            self.report_container(name_of(container), |one| one.now = now);
            if !self.pause(self.shared.pace.backoff).await {
                return None;
            }
        }
    }

    /// From start to end of the container's processes, its stragglers included.
    async fn run_once(
        &self,
        pod: &Value,
        container: &Value,
        image: &ImageSpec,
        plan: &Plan,
    ) -> Ended {
        let name = name_of(container);
        let started = meta::now();
        let log = self.shared.logs.begin(meta::uid(&self.pod), name);
        let nth = self.container(name).map_or(0, |one| one.restarts);
        let id = container_id(&format!("{}/{name}/{nth}", meta::uid(&self.pod)));
        self.container_event(
            container,
            Grade::Normal,
            "Created",
            &format!("Created container: {name}"),
        );
        let ended = |code, reason, message| Ended {
            code,
            reason,
            message,
            started: started.clone(),
            finished: meta::now(),
            id: id.clone(),
        };
        let mut running = match self.shared.supervisor.spawn(plan.spec.clone()).await {
            Ok(running) => running,
            Err(error) => {
                let why = start_error(&plan.spec.program, &error);
                self.container_event(container, Grade::Warning, "Failed", &format!("Error: {why}"));
                log.close();
                let ended = ended(128, "StartError", why);
                self.report_container(name, |one| one.now = Now::Ended(ended.clone()));
                return ended;
            }
        };
        let pipes = (running.stdout(), running.stderr());
        let writer = tokio::spawn(write_log(log.clone(), pipes));
        self.container_event(
            container,
            Grade::Normal,
            "Started",
            &format!("Started container {name}"),
        );
        self.begin(container, &id, &started);
        let exit = self.until_end(pod, container, image, plan, &mut running).await;
        self.end_stragglers(container, plan).await;
        // The pipes end with the last process that holds them.
        let _ = tokio::time::timeout(Duration::from_secs(1), writer).await;
        log.close();
        let reason = if exit.code() == 0 { "Completed" } else { "Error" };
        let falls_back =
            container["terminationMessagePolicy"] == "FallbackToLogsOnError" && exit.code() != 0;
        let ended =
            ended(exit.code(), reason, if falls_back { log.tail(80) } else { String::new() });
        self.report_container(name, |one| {
            one.now = Now::Ended(ended.clone());
            one.ready = false;
        });
        ended
    }

    fn begin(&self, container: &Value, id: &str, started: &str) {
        let has = |probe: &str| container.get(probe).is_some_and(Value::is_object);
        let init = super::pod::list(&self.pod, "initContainers")
            .any(|one| name_of(one) == name_of(container));
        self.report_container(name_of(container), |one| {
            one.now = Now::Running { since: started.to_owned(), id: id.to_owned() };
            one.started = init || !has("startupProbe");
            one.ready = init || !has("readinessProbe");
        });
    }

    /// The container ends by itself, with its pod, or because a probe says so.
    async fn until_end(
        &self,
        pod: &Value,
        container: &Value,
        image: &ImageSpec,
        plan: &Plan,
        running: &mut Running,
    ) -> Exit {
        let name = name_of(container);
        let grace = self.pod["spec"]["terminationGracePeriodSeconds"].as_u64().unwrap_or(30);
        let deadline = tokio::select! {
            exit = running.wait() => return known(exit),
            deadline = self.stopped() => {
                self.container_event(container, Grade::Normal, "Killing", &format!("Stopping container {name}"));
                deadline
            }
            kind = self.probe(pod, container, plan) => {
                let text = format!("Container {name} failed {kind} probe, will be restarted");
                self.container_event(container, Grade::Normal, "Killing", &text);
                Instant::now() + Duration::from_secs(grace)
            }
        };
        running.signal(image.stop_signal);
        // A stopped process would not even notice.
        running.signal(Signal::SIGCONT);
        self.until_deadline(running, deadline).await
    }

    /// A second deletion may shorten the grace.
    async fn until_deadline(&self, running: &mut Running, mut deadline: Instant) -> Exit {
        let mut changes = self.stop_changes();
        loop {
            tokio::select! {
                exit = running.wait() => return known(exit),
                () = tokio::time::sleep_until(deadline) => break,
                Ok(()) = changes.changed() => {
                    if let Some(sooner) = *changes.borrow_and_update() {
                        deadline = deadline.min(sooner);
                    }
                }
            }
        }
        running.end_group();
        known(running.wait().await)
    }

    /// What a process left behind that made itself a session of its own: in a container it would have ended with the first process.
    async fn end_stragglers(&self, container: &Value, plan: &Plan) {
        let mark =
            format!("{}={}", container::MARK, container::mark(&self.shared, &self.pod, container));
        let data = plan.data.clone();
        // The process table is read file by file.
        let _ =
            tokio::task::spawn_blocking(move || process::end_stragglers(&mark, data.as_deref()))
                .await;
    }
}

/// The system not telling how a child ended is an internal error of the node; the container counts as killed.
fn known(exit: std::io::Result<Exit>) -> Exit {
    exit.unwrap_or(Exit::Signal(Signal::SIGKILL as i32))
}

async fn write_log(
    log: std::sync::Arc<ContainerLog>,
    (stdout, stderr): (Option<tokio::process::ChildStdout>, Option<tokio::process::ChildStderr>),
) {
    let out = async {
        if let Some(pipe) = stdout {
            log.clone().take_from(pipe).await;
        }
    };
    let err = async {
        if let Some(pipe) = stderr {
            log.clone().take_from(pipe).await;
        }
    };
    tokio::join!(out, err);
}

fn container_id(of: &str) -> String {
    let hex: Vec<String> = Sha256::digest(of).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("containerd://{}", hex.concat())
}

/// As containerd words it.
fn start_error(program: &Path, error: &process::ProcessError) -> String {
    let why = match error {
        process::ProcessError::Spawn { source, .. }
            if source.kind() == std::io::ErrorKind::NotFound =>
        {
            format!("exec: {:?}: executable file not found in $PATH", program.display().to_string())
        }
        other => other.to_string(),
    };
    format!(
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: {why}: unknown"
    )
}
