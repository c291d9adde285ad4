use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::job;
use super::super::pods::{self, children, is_true, number};
use super::super::runner::{Controller, Key, Next};
use super::schedule::Schedule;
use crate::lab::cluster::error::ApiError;
use crate::lab::cluster::kind::{CRON_JOBS, JOBS};
use crate::lab::cluster::meta;
use crate::lab::cluster::recorder::Recorder;
use crate::lab::cluster::removal::{DeleteOptions, Propagation};
use crate::lab::cluster::store::{Change, Store};

pub(in super::super) struct CronJobs {
    store: Store,
    recorder: Recorder,
}

impl CronJobs {
    pub(in super::super) fn new(store: Store) -> Self {
        let recorder = Recorder::new(store.clone(), "cronjob-controller");
        Self { store, recorder }
    }

    fn sync(&self, cron: &Value) -> Result<Next, ApiError> {
        let jobs = children(&self.store, &JOBS, cron);
        let active = self.settle_active(cron, &jobs)?;
        self.forget_finished(cron, &jobs)?;
        if cron["spec"]["suspend"] == true {
            return Ok(Next::OnChange);
        }
        let zone = cron["spec"]["timeZone"].as_str();
        let schedule = match Schedule::parse(meta::text(cron, "/spec/schedule"), zone) {
            Ok(schedule) => schedule,
            Err(why) => {
                let text = format!(
                    "unparseable schedule: {:?} : {why}",
                    meta::text(cron, "/spec/schedule")
                );
                self.recorder.warning(cron, "UnparseableSchedule", &text);
                return Ok(Next::OnChange);
            }
        };
        let now = Timestamp::now();
        if let Some(due) = last_due(&schedule, cron, now) {
            self.start(cron, due, &active)?;
        }
        let next =
            schedule.after(now).and_then(|next| Duration::try_from(next.duration_since(now)).ok());
        Ok(next.map_or(Next::OnChange, |pause| Next::After(pause + Duration::from_millis(100))))
    }

    /// Writes down which Jobs still work, and tells of those that do not any more.
    fn settle_active(&self, cron: &Value, jobs: &[Value]) -> Result<Vec<Value>, ApiError> {
        let (over, active): (Vec<_>, Vec<_>) = jobs.iter().cloned().partition(job::is_over);
        let listed = |job: &Value| {
            let list = cron["status"]["active"].as_array().into_iter().flatten();
            list.into_iter().any(|one| one["uid"] == meta::uid(job))
        };
        for job in over.iter().filter(|job| listed(job)) {
            let condition = if is_true(job, "Complete") { "Complete" } else { "Failed" };
            let text = format!("Saw completed job: {}, condition: {condition}", meta::name(job));
            self.recorder.normal(cron, "SawCompletedJob", &text);
        }
        let references: Vec<Value> = active.iter().map(reference).collect();
        let successes = over.iter().filter_map(|job| job["status"]["completionTime"].as_str());
        let last = successes.max().map(str::to_owned);
        let write = |cron: &mut Value| {
            let status = meta::child_mut(cron, "status");
            if references.is_empty() {
                status.shift_remove("active");
            } else {
                status.insert("active".to_owned(), references.clone().into());
            }
            if let Some(last) = &last {
                status.insert("lastSuccessfulTime".to_owned(), last.clone().into());
            }
        };
        self.store.modify_status(&CRON_JOBS, meta::namespace(cron), meta::name(cron), write)?;
        Ok(active)
    }

    fn start(&self, cron: &Value, due: Timestamp, active: &[Value]) -> Result<(), ApiError> {
        match meta::text(cron, "/spec/concurrencyPolicy") {
            "Forbid" if !active.is_empty() => {
                self.recorder.normal(cron, "JobAlreadyActive", "Not starting job because prior execution is running and concurrency policy is Forbid");
                return Ok(());
            }
            "Replace" => active.iter().try_for_each(|job| self.delete(cron, job))?,
            _ => {}
        }
        match self.store.create(&JOBS, build(cron, due)) {
            Ok(job) => self.recorder.normal(
                cron,
                "SuccessfulCreate",
                &format!("Created job {}", meta::name(&job)),
            ),
            Err(error) if error.reason == "AlreadyExists" => {}
            Err(error) => {
                self.recorder.warning(
                    cron,
                    "FailedCreate",
                    &format!("Error creating job: {error}"),
                );
                return Err(error);
            }
        }
        let note = |cron: &mut Value| cron["status"]["lastScheduleTime"] = meta::time(due).into();
        self.store
            .modify_status(&CRON_JOBS, meta::namespace(cron), meta::name(cron), note)
            .map(drop)
    }

    fn delete(&self, cron: &Value, job: &Value) -> Result<(), ApiError> {
        let options = DeleteOptions {
            propagation: Some(Propagation::Background),
            ..DeleteOptions::default()
        };
        self.store.delete(&JOBS, meta::namespace(job), meta::name(job), &options)?;
        self.recorder.normal(cron, "SuccessfulDelete", &format!("Deleted job {}", meta::name(job)));
        Ok(())
    }

    fn forget_finished(&self, cron: &Value, jobs: &[Value]) -> Result<(), ApiError> {
        let limits = [
            ("Complete", "/spec/successfulJobsHistoryLimit", 3),
            ("Failed", "/spec/failedJobsHistoryLimit", 1),
        ];
        for (condition, pointer, usual) in limits {
            let done: Vec<&Value> = jobs.iter().filter(|job| is_true(job, condition)).collect();
            let kept = usize::try_from(number(cron, pointer).unwrap_or(usual)).unwrap_or(0);
            for job in done.iter().take(done.len().saturating_sub(kept)) {
                self.delete(cron, job)?;
            }
        }
        Ok(())
    }
}

/// The latest time that has come since the last one was served.
fn last_due(schedule: &Schedule, cron: &Value, now: Timestamp) -> Option<Timestamp> {
    let served = meta::text(cron, "/status/lastScheduleTime").parse().ok();
    let mut since: Timestamp =
        served.or_else(|| meta::text(cron, "/metadata/creationTimestamp").parse().ok())?;
    if let Some(deadline) = pods::seconds(cron, "/spec/startingDeadlineSeconds") {
        since = since.max(now.checked_sub(deadline).ok()?);
    }
    let times = std::iter::successors(schedule.after(since), |time| schedule.after(*time));
    times.take_while(|time| *time <= now).take(100).last()
}

fn build(cron: &Value, due: Timestamp) -> Value {
    let template = &cron["spec"]["jobTemplate"];
    let mut job = json!({
        "metadata": {
            "name": format!("{}-{}", meta::name(cron), due.as_second() / 60), "namespace": meta::namespace(cron),
            "labels": template["metadata"]["labels"], "annotations": template["metadata"]["annotations"],
            "ownerReferences": [meta::owned_by(cron)],
        },
        "spec": template["spec"],
    });
    for empty in ["labels", "annotations"] {
        if job["metadata"][empty].is_null() {
            meta::meta_mut(&mut job).shift_remove(empty);
        }
    }
    job["metadata"]["annotations"]["batch.kubernetes.io/cronjob-scheduled-timestamp"] =
        meta::time(due).into();
    job
}

fn reference(job: &Value) -> Value {
    json!({
        "apiVersion": job["apiVersion"], "kind": job["kind"], "namespace": meta::namespace(job), "name": meta::name(job),
        "uid": meta::uid(job), "resourceVersion": job["metadata"]["resourceVersion"],
    })
}

impl Controller for CronJobs {
    fn name(&self) -> &'static str {
        "cronjob"
    }

    fn concerned(&self, change: &Change) -> Vec<Key> {
        pods::itself_or_owner(change, &CRON_JOBS, &JOBS)
    }

    fn all(&self) -> Vec<Key> {
        pods::keys(&self.store, &CRON_JOBS)
    }

    fn reconcile(&mut self, key: &Key) -> Result<Next, ApiError> {
        match self.store.get(&CRON_JOBS, &key.ns, &key.name) {
            Some(cron) if !meta::is_deleting(&cron) => self.sync(&cron),
            _ => Ok(Next::OnChange),
        }
    }
}
