//! Getting rid of a Job of the same name.

use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{DeleteParams, Preconditions};

use crate::action::act::Act;
use crate::action::mark::{RUN, STEP, annotation};
use crate::action::wait::{Halt, Seen, Wakes, Watched, until};
use crate::model::{Failure, FailureKind, Fix};
use crate::world::{ApiErrorKind, Call};

use super::status::{End, end};

/// Deletes an older Job of this name, unless it is somebody else's and still at work.
pub(super) async fn remove(act: Act<'_>, job: Job) -> Result<(), Failure> {
    let name = job.metadata.name.clone().unwrap_or_default();
    let mark = act.mark();
    let deleting = job.metadata.deletion_timestamp.is_some();
    let ours = annotation(&job.metadata, RUN) == Some(mark.run.as_str());
    if end(&job) == End::Running && !ours && !deleting {
        return Err(busy(act, &name, &job));
    }
    delete(act, job).await
}

fn busy(act: Act<'_>, name: &str, job: &Job) -> Failure {
    let by = match (annotation(&job.metadata, RUN), annotation(&job.metadata, STEP)) {
        (Some(run), Some(step)) => format!("step `{step}` of run `{run}` made it"),
        _ => "this run has not made it".to_owned(),
    };
    let namespace = act.cluster().namespace();
    Failure::new(FailureKind::Conflict, format!("job/{name} is at work, and {by}"))
        .without_effects()
        .mended_by(Fix {
            title: "wait until it has ended, or delete it when it is of no use".to_owned(),
            command: Some(format!("kubectl delete job {name} -n {namespace} --cascade=foreground")),
            mend: None,
        })
}

/// Deletes a Job in the foreground and waits until it and its pods are gone.
pub(super) async fn delete(act: Act<'_>, job: Job) -> Result<(), Failure> {
    let (name, uid) = (job.metadata.name.unwrap_or_default(), job.metadata.uid.unwrap_or_default());
    act.tell(format!("deleting the old job/{name}"));
    let params = DeleteParams {
        preconditions: Some(Preconditions { uid: Some(uid.clone()), resource_version: None }),
        ..DeleteParams::foreground()
    };
    let cluster = act.cluster();
    if let Err(error) = cluster.api::<Job>().delete(&name, &params).await {
        let error = act.explain(Call::new("delete", "jobs.batch").named(&name), error);
        // Conflict: another Job has its name now, so the old one is gone. The wait finds out.
        let gone =
            matches!(error.api_kind(), Some(ApiErrorKind::NotFound | ApiErrorKind::Conflict));
        if !gone && !error.is_transient() {
            return Err(error.into());
        }
    }
    let wakes = Wakes::new().on::<Job>(cluster, "").on::<Pod>(cluster, &pods_of(&name));
    until(act, wakes, Going { act, name, uid }).await
}

/// The label that the Job controller has always set; the newer `batch.kubernetes.io/job-name` says the same.
pub(super) fn pods_of(job: &str) -> String {
    format!("job-name={job}")
}

struct Going<'a> {
    act: Act<'a>,
    name: String,
    uid: String,
}

impl Watched for Going<'_> {
    type Out = ();

    fn what(&self) -> String {
        format!("the old job/{} and its pods to be gone", self.name)
    }

    async fn look(&mut self) -> Result<Seen<()>, Halt> {
        let cluster = self.act.cluster();
        let job: Option<Job> = cluster.get(&self.name).await?;
        let pods = cluster.pods_owned_by(&self.uid, &pods_of(&self.name)).await?;
        if let Some(job) = job.filter(|job| job.metadata.uid.as_deref() == Some(&self.uid)) {
            let holders = job.metadata.finalizers.unwrap_or_default();
            return Ok(Seen::waiting(format!(
                "the old job/{} is being deleted, {} pods are left{}",
                self.name,
                pods.len(),
                held_by(&holders)
            )));
        }
        if pods.is_empty() {
            return Ok(Seen::Ready(()));
        }
        Ok(Seen::waiting(format!("{} pods of the old job/{} are left", pods.len(), self.name)))
    }
}

/// Finalizers that are not Kubernetes' own keep an object for as long as their controller likes.
fn held_by(finalizers: &[String]) -> String {
    let foreign: Vec<&str> = finalizers
        .iter()
        .map(String::as_str)
        .filter(|name| !matches!(*name, "foregroundDeletion" | "orphan"))
        .collect();
    if foreign.is_empty() {
        String::new()
    } else {
        format!(", held by finalizer {}", foreign.join(", "))
    }
}
