//! `job`: deletes an old run, creates the Job, follows it to its end.
//!
//! A Job's template cannot be changed, so an old run is deleted in the foreground and waited for, its pods included. The
//! new one carries the run, the step and the attempt: a console that comes back after a crash finds it and follows on, and
//! nothing is run twice.
//!
//! Calls: `get`, `list`, `watch`, `create`, `delete` `jobs.batch`; `list`, `watch` `pods`; `get` `pods/log`; `list` `events`.

mod follow;
mod logs;
mod manifest;
mod old;
mod programs;
mod status;

use std::time::Duration;

use k8s_openapi::api::batch::v1::Job;
use kube::api::PostParams;

use crate::engine::Probed;
use crate::model::{Failure, FailureKind, Manifest, ObjectRef, Outcome};
use crate::world::{ApiErrorKind, Call, WorldError};

use super::act::Act;
use super::mark::{MANAGER, Mark};
use manifest::Wanted;
use status::End;

/// What an earlier try to create the Job left behind.
enum Found {
    Nothing,
    Ours(Box<Job>),
    Other(Box<Job>),
}

/// Runs the Job and follows it; a Job that this attempt made already is only followed.
pub(super) async fn perform(act: Act<'_>, manifest: &Manifest) -> Result<Outcome, Failure> {
    let wanted = Wanted::read(manifest, act)?;
    let job = match find(act, &wanted.name).await? {
        Found::Ours(job) => {
            act.tell(format!("job/{} is there already, following it", wanted.name));
            *job
        }
        Found::Other(old) => {
            old::remove(act, *old).await?;
            create(act, &wanted).await?
        }
        Found::Nothing => create(act, &wanted).await?,
    };
    follow::follow(act, job).await
}

/// Deletes the Job, where this run's step made it.
pub(super) async fn undo(
    act: Act<'_>,
    manifest: &Manifest,
    mark: &Mark,
) -> Result<Outcome, Failure> {
    let wanted = Wanted::read(manifest, act)?;
    let found: Option<Job> = act.cluster().get(&wanted.name).await?;
    match found {
        Some(job) if mark.is_on(&job.metadata) => {
            old::delete(act, job).await?;
            Ok(Outcome::new(format!("job/{} deleted", wanted.name)))
        }
        Some(_) => Ok(Outcome::new(format!("job/{} is not of this step, left alone", wanted.name))),
        None => Ok(Outcome::new(format!("job/{} is not there", wanted.name))),
    }
}

/// A Job of this attempt that is complete is the step, done. Whatever else is there, performing again follows it or makes it.
pub(super) async fn probe(act: Act<'_>, manifest: &Manifest) -> Probed {
    let found = match Wanted::read(manifest, act) {
        Ok(wanted) => find(act, &wanted.name).await,
        Err(failure) => return Probed::Unknown(failure),
    };
    match found {
        Ok(Found::Ours(job)) => match status::end(&job) {
            End::Complete => Probed::Done(follow::completed(act, &job).await),
            End::Failed { .. } | End::Running | End::Suspended => Probed::Again,
        },
        Ok(Found::Nothing | Found::Other(_)) => Probed::Again,
        Err(error) => Probed::Unknown(error.into()),
    }
}

async fn find(act: Act<'_>, name: &str) -> Result<Found, WorldError> {
    let found: Option<Job> = act.cluster().get(name).await?;
    Ok(match found {
        None => Found::Nothing,
        Some(job)
            if act.mark().is_exactly_on(&job.metadata)
                && job.metadata.deletion_timestamp.is_none() =>
        {
            Found::Ours(Box::new(job))
        }
        Some(job) => Found::Other(Box::new(job)),
    })
}

/// Creates the Job. When no answer came, it may have been created all the same: then it is found by its mark.
async fn create(act: Act<'_>, wanted: &Wanted) -> Result<Job, Failure> {
    let params = PostParams { field_manager: Some(MANAGER.into()), ..PostParams::default() };
    act.tell(format!("creating job/{}", wanted.name));
    let mut pause = Duration::from_millis(500);
    loop {
        let created = act.cluster().api::<Job>().create(&params, &wanted.job).await;
        let error = match created {
            Ok(job) => return Ok(job),
            Err(error) => act.explain(Call::new("create", "jobs.batch").named(&wanted.name), error),
        };
        let taken = error.api_kind() == Some(ApiErrorKind::AlreadyExists);
        if !taken && !error.is_transient() {
            return Err(Failure::from(error));
        }
        match find(act, &wanted.name).await {
            Ok(Found::Ours(job)) => return Ok(*job),
            Ok(Found::Other(_)) => return Err(taken_by_another(&wanted.name)),
            Ok(Found::Nothing) | Err(_) => {}
        }
        act.tell(format!("no answer, asking again: {error}"));
        act.pause(pause, &format!("job/{} to be created", wanted.name)).await?;
        pause = (pause * 2).min(Duration::from_secs(5));
    }
}

fn taken_by_another(name: &str) -> Failure {
    Failure::new(
        FailureKind::Conflict,
        format!("job/{name} was created by somebody else at the same moment"),
    )
}

fn object(name: &str) -> ObjectRef {
    ObjectRef { api_version: "batch/v1".into(), kind: "Job".into(), name: name.to_owned() }
}
