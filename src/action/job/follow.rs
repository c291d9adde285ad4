//! Following a Job to its end.

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event, Pod};
use serde_json::json;

use crate::action::act::{Act, outcome, seen};
use crate::action::diagnose::{PgDump, old_dump_client, refusals};
use crate::action::trouble::{TroubleWatch, tail};
use crate::action::wait::{Halt, Seen, Wakes, Watched, until};
use crate::model::{Evidence, Failure, FailureKind, Outcome};

use super::logs::Logs;
use super::old::pods_of;
use super::programs::Programs;
use super::status::{End, describe, end};

/// Follows a Job: done when it is complete; failed as soon as it has failed, or cannot get there.
pub(super) async fn follow(act: Act<'_>, job: Job) -> Result<Outcome, Failure> {
    let (name, uid) = (job.metadata.name.unwrap_or_default(), job.metadata.uid.unwrap_or_default());
    let cluster = act.cluster();
    let wakes = Wakes::new().on::<Job>(cluster, "").on::<Pod>(cluster, &pods_of(&name));
    let logs = Logs::new(cluster.api::<Pod>(), act.context.progress.clone());
    let troubles = TroubleWatch::new(act, super::object(&name));
    let programs = Programs::new(act);
    until(act, wakes, Following { act, name, uid, logs, programs, troubles }).await
}

struct Following<'a> {
    act: Act<'a>,
    name: String,
    uid: String,
    logs: Logs,
    programs: Programs<'a>,
    troubles: TroubleWatch<'a>,
}

impl Watched for Following<'_> {
    type Out = Outcome;

    fn what(&self) -> String {
        format!("job/{} to end", self.name)
    }

    async fn look(&mut self) -> Result<Seen<Outcome>, Halt> {
        let cluster = self.act.cluster();
        let Some(job) = cluster.get::<Job>(&self.name).await? else {
            return Err(self.vanished().into());
        };
        if job.metadata.uid.as_deref() != Some(&self.uid) {
            return Err(self.vanished().into());
        }
        let pods = cluster.pods_owned_by(&self.uid, &pods_of(&self.name)).await?;
        self.logs.follow(&pods);
        self.programs.look(&pods);
        match end(&job) {
            End::Complete => {
                let log = self.logs.finish().await;
                Ok(Seen::Ready(outcome_of(&job, log)))
            }
            End::Failed { kind, reason, message } => {
                Err(self.failed(&pods, kind, &reason, message).await.into())
            }
            End::Suspended => Ok(Seen::waiting(format!("job/{} is suspended", self.name))),
            End::Running => self.running(&job, &pods).await,
        }
    }
}

impl Following<'_> {
    async fn running(&mut self, job: &Job, pods: &[Pod]) -> Result<Seen<Outcome>, Halt> {
        let object = format!("job/{}", self.name);
        let events: Vec<Event> = if pods.is_empty() {
            self.act.cluster().events_of("Job", &self.name).await.unwrap_or_default()
        } else {
            Vec::new()
        };
        let refused = refusals(&object, &self.uid, &events);
        // Pods that have failed are the Job's own affair: it counts them against its `backoffLimit`.
        let living: Vec<Pod> = pods.iter().filter(|pod| !has_ended(pod)).cloned().collect();
        match self.troubles.judge(&living, refused).await? {
            Some(held) => Ok(Seen::held(held)),
            None => Ok(Seen::waiting(describe(job))),
        }
    }

    /// A Job's failure with the end of its last pod and its last words.
    async fn failed(
        &mut self,
        pods: &[Pod],
        kind: FailureKind,
        reason: &str,
        message: String,
    ) -> Failure {
        let mut log = self.logs.finish().await;
        let last = pods.iter().max_by_key(|pod| pod.metadata.creation_timestamp.clone());
        if let (true, Some(pod)) = (log.is_empty(), last) {
            let pod = pod.metadata.name.as_deref().unwrap_or_default();
            log = tail(self.act.cluster(), pod, None, false, 20).await.unwrap_or_default();
        }
        let mut failure = Failure::new(kind, format!("job/{} failed: {reason}", self.name));
        failure.causes.extend(Some(message).filter(|message| !message.is_empty()));
        failure.causes.extend(last.and_then(how_it_ended));
        if let Some(old) = old_dump_client(&log) {
            failure.fix = Some(PgDump::fix(&old));
        }
        failure.causes.extend(log.into_iter().rev().take(20).rev());
        failure
    }

    fn vanished(&self) -> Failure {
        Failure::new(
            FailureKind::Conflict,
            format!("job/{} was deleted by somebody else before it had ended", self.name),
        )
    }
}

/// The outcome of a Job that is complete, as a console finds it that comes back.
pub(super) async fn completed(act: Act<'_>, job: &Job) -> Outcome {
    let (name, uid) = (job.metadata.name.as_deref(), job.metadata.uid.as_deref());
    let cluster = act.cluster();
    let pods =
        cluster.pods_owned_by(uid.unwrap_or_default(), &pods_of(name.unwrap_or_default())).await;
    let pod = pods.ok().and_then(|pods| pods.into_iter().find_map(|pod| pod.metadata.name));
    let log = match pod {
        Some(pod) => tail(cluster, &pod, None, false, 20).await.unwrap_or_default(),
        None => Vec::new(),
    };
    outcome_of(job, log)
}

fn outcome_of(job: &Job, log: Vec<String>) -> Outcome {
    let name = job.metadata.name.as_deref().unwrap_or_default();
    let status = job.status.clone().unwrap_or_default();
    let seconds = match (&status.start_time, &status.completion_time) {
        (Some(start), Some(end)) => Some(end.0.as_second() - start.0.as_second()),
        _ => None,
    };
    let took = seconds.map_or_else(String::new, |seconds| format!(" after {seconds} s"));
    let last = log.last().map_or_else(String::new, |line| format!(": {line}"));
    let evidence = Evidence {
        at: status.completion_time.as_ref().map_or_else(jiff::Timestamp::now, |time| time.0),
        ..seen(format!("job/{name} is Complete"), format!("GET job/{name}"), log)
    };
    let data = json!({ "job": name, "uid": job.metadata.uid, "seconds": seconds, "failed-pods": status.failed.unwrap_or(0) });
    outcome(format!("job/{name} completed{took}{last}"), vec![evidence], data)
}

fn has_ended(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    matches!(phase, Some("Succeeded" | "Failed"))
}

/// The end of a pod's first container that failed, in the kubelet's words.
fn how_it_ended(pod: &Pod) -> Option<String> {
    let statuses = pod.status.as_ref()?.container_statuses.as_ref()?;
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    statuses.iter().find_map(|one| {
        let end = one.state.as_ref()?.terminated.as_ref()?;
        let message =
            end.message.as_deref().map_or_else(String::new, |text| format!(": {}", text.trim()));
        let reason = end.reason.as_deref().unwrap_or("Error");
        (end.exit_code != 0).then(|| {
            format!(
                "container `{}` of pod/{name} ended with exit code {} ({reason}){message}",
                one.name, end.exit_code
            )
        })
    })
}
