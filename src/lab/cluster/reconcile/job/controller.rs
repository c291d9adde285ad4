use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::pods::{self, set_condition};
use super::super::runner::{Controller, Key, Next};
use super::tracking::{self, Count};
use super::verdict::{self, Verdict};
use crate::lab::cluster::error::ApiError;
use crate::lab::cluster::kind::{JOBS, PODS};
use crate::lab::cluster::meta;
use crate::lab::cluster::recorder::Recorder;
use crate::lab::cluster::removal::{DeleteOptions, Propagation};
use crate::lab::cluster::store::{Change, Store};

pub(in super::super) struct Jobs {
    store: Store,
    recorder: Recorder,
    /// The pause after a first failure: 10 s in a real cluster. It doubles up to 60 times that.
    backoff: Duration,
}

/// The features that would change what a Job does, and that are not known here.
const UNKNOWN: [&str; 4] =
    ["podFailurePolicy", "successPolicy", "backoffLimitPerIndex", "managedBy"];

impl Jobs {
    pub(in super::super) fn new(store: Store, backoff: Duration) -> Self {
        let recorder = Recorder::new(store.clone(), "job-controller");
        Self { store, recorder, backoff }
    }

    fn sync(&self, job: &Value) -> Result<Next, ApiError> {
        let owned = pods::owned(&self.store, job);
        let (count, counted) = tracking::count(job, &owned);
        if verdict::is_over(job) {
            self.finish_tracking(job, &count, &counted)?;
            return self.expire(job);
        }
        let verdict = verdict::of(job, &count);
        let suspended = job["spec"]["suspend"] == true;
        self.write(job, &count, verdict, suspended)?;
        counted.iter().try_for_each(|pod| tracking::release(&self.store, pod))?;
        if verdict.is_some() || suspended {
            self.delete_active(job, &owned)?;
            return Ok(Next::OnChange);
        }
        let next = self.populate(job, &count, &owned)?;
        Ok(verdict::remaining(job)
            .map_or(next, |left| next.or(Next::After(left + Duration::from_millis(20)))))
    }

    /// Pods that ended after the verdict still have to be let go.
    fn finish_tracking(
        &self,
        job: &Value,
        count: &Count,
        counted: &[Value],
    ) -> Result<(), ApiError> {
        let write = |job: &mut Value| numbers(&mut job["status"], count);
        self.store.modify_status(&JOBS, meta::namespace(job), meta::name(job), write)?;
        counted.iter().try_for_each(|pod| tracking::release(&self.store, pod))
    }

    fn delete_active(&self, job: &Value, owned: &[Value]) -> Result<(), ApiError> {
        for pod in owned.iter().filter(|pod| pods::is_active(pod)) {
            pods::delete(&self.store, pod)?;
            self.recorder.normal(
                job,
                "SuccessfulDelete",
                &format!("Deleted pod: {}", meta::name(pod)),
            );
        }
        Ok(())
    }

    /// Makes or deletes pods, after the back-off that failures ask for. Terminating pods still take their place.
    fn populate(&self, job: &Value, count: &Count, owned: &[Value]) -> Result<Next, ApiError> {
        let wanted = verdict::wanted(job, count);
        if wanted < count.active {
            let surplus = usize::try_from(count.active - wanted).unwrap_or(0);
            let active: Vec<Value> = owned
                .iter()
                .rev()
                .filter(|pod| pods::is_active(pod))
                .take(surplus)
                .cloned()
                .collect();
            return self.delete_active(job, &active).map(|()| Next::OnChange);
        }
        if wanted == count.active {
            return Ok(Next::OnChange);
        }
        let pause = self.pause(count, owned);
        if !pause.is_zero() {
            return Ok(Next::After(pause));
        }
        (count.active..wanted).try_for_each(|_| self.add_pod(job))?;
        Ok(Next::OnChange)
    }

    fn pause(&self, count: &Count, owned: &[Value]) -> Duration {
        let last =
            owned.iter().filter(|pod| pods::phase(pod) == "Failed").filter_map(finished_at).max();
        let (Some(last), Ok(failures)) = (last, u32::try_from(count.failed)) else {
            return Duration::ZERO;
        };
        if failures == 0 {
            return Duration::ZERO;
        }
        let whole = self.backoff.saturating_mul(1 << (failures - 1).min(16)).min(self.backoff * 60);
        let waited = Duration::try_from(Timestamp::now().duration_since(last)).unwrap_or_default();
        whole.saturating_sub(waited)
    }

    fn add_pod(&self, job: &Value) -> Result<(), ApiError> {
        match self.store.create(&PODS, tracking::build(job)) {
            Ok(pod) => {
                self.recorder.normal(
                    job,
                    "SuccessfulCreate",
                    &format!("Created pod: {}", meta::name(&pod)),
                );
                Ok(())
            }
            Err(error) => {
                self.recorder.warning(job, "FailedCreate", &format!("Error creating: {error}"));
                Err(error)
            }
        }
    }

    fn write(
        &self,
        job: &Value,
        count: &Count,
        verdict: Option<Verdict>,
        suspended: bool,
    ) -> Result<(), ApiError> {
        let active = if verdict.is_some() || suspended { 0 } else { count.active };
        let ending = count.terminating + count.active - active;
        let over = verdict.filter(|_| ending == 0);
        let edit = |job: &mut Value| {
            let mut status = job["status"].take();
            if !status.is_object() {
                status = json!({});
            }
            let shown = Count { active, terminating: ending, ..*count };
            numbers(&mut status, &shown);
            suspend(&mut status, suspended);
            if let Some(verdict) = verdict {
                set_condition(&mut status, verdict.condition(verdict.first()));
            }
            if let Some(verdict) = over {
                set_condition(&mut status, verdict.condition(verdict.last()));
                if verdict.succeeded {
                    status["completionTime"] = meta::now().into();
                }
            }
            job["status"] = status;
        };
        self.store.modify_status(&JOBS, meta::namespace(job), meta::name(job), edit)?;
        if let Some(verdict) = over {
            if verdict.succeeded {
                self.recorder.normal(job, "Completed", "Job completed");
            } else {
                self.recorder.warning(job, verdict.reason, verdict.message);
            }
        }
        self.tell_suspension(job, suspended);
        Ok(())
    }

    fn tell_suspension(&self, job: &Value, suspended: bool) {
        let before = pods::condition(job, "Suspended").map(|one| one["status"] == "True");
        match (before, suspended) {
            (None | Some(false), true) => self.recorder.normal(job, "Suspended", "Job suspended"),
            (Some(true), false) => self.recorder.normal(job, "Resumed", "Job resumed"),
            _ => {}
        }
    }

    /// <https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/>
    fn expire(&self, job: &Value) -> Result<Next, ApiError> {
        let Some(ttl) = pods::seconds(job, "/spec/ttlSecondsAfterFinished") else {
            return Ok(Next::OnChange);
        };
        let end = ["Complete", "Failed"].iter().find_map(|kind| pods::condition(job, kind));
        let end: Option<Timestamp> =
            end.and_then(|one| one["lastTransitionTime"].as_str()?.parse().ok());
        let past = end
            .and_then(|end| Duration::try_from(Timestamp::now().duration_since(end)).ok())
            .unwrap_or_default();
        let left = ttl.saturating_sub(past);
        if !left.is_zero() {
            return Ok(Next::After(left));
        }
        let options = DeleteOptions {
            propagation: Some(Propagation::Foreground),
            uid: Some(meta::uid(job).to_owned()),
            ..DeleteOptions::default()
        };
        self.store
            .delete(&JOBS, meta::namespace(job), meta::name(job), &options)
            .map(|_| Next::OnChange)
    }

    /// A Job that asks for what is not known here makes no pods, and says so.
    fn is_understood(&self, job: &Value) -> bool {
        let unknown = UNKNOWN.iter().copied().find(|key| !job["spec"][*key].is_null());
        let indexed = job["spec"]["completionMode"] == "Indexed";
        let feature = unknown.or(indexed.then_some("completionMode: Indexed"));
        if let Some(feature) = feature {
            let text = format!("the rehearsal cluster does not know `{feature}` of Jobs");
            self.recorder.warning(job, "FailedCreate", &text);
        }
        feature.is_none()
    }
}

/// Writes the numbers, zeros left out as the API leaves them out, but for those it always shows.
fn numbers(status: &mut Value, count: &Count) {
    status["terminating"] = count.terminating.into();
    status["ready"] = count.ready.into();
    status["uncountedTerminatedPods"] = json!({});
    for (key, number) in
        [("active", count.active), ("succeeded", count.succeeded), ("failed", count.failed)]
    {
        match number {
            0 => drop(status.as_object_mut().and_then(|status| status.shift_remove(key))),
            _ => status[key] = number.into(),
        }
    }
}

fn suspend(status: &mut Value, suspended: bool) {
    let was = status["conditions"]
        .as_array()
        .is_some_and(|list| list.iter().any(|one| one["type"] == "Suspended"));
    if suspended {
        let condition = json!({"type": "Suspended", "status": "True", "lastProbeTime": meta::now(), "reason": "JobSuspended", "message": "Job suspended"});
        set_condition(status, condition);
        status.as_object_mut().and_then(|status| status.shift_remove("startTime"));
        return;
    }
    if was {
        let condition = json!({"type": "Suspended", "status": "False", "lastProbeTime": meta::now(), "reason": "JobResumed", "message": "Job resumed"});
        set_condition(status, condition);
    }
    if status["startTime"].is_null() {
        status["startTime"] = meta::now().into();
    }
}

/// When a pod's last container ended.
fn finished_at(pod: &Value) -> Option<Timestamp> {
    let statuses = pod["status"]["containerStatuses"].as_array()?;
    statuses
        .iter()
        .filter_map(|one| one.pointer("/state/terminated/finishedAt")?.as_str()?.parse().ok())
        .max()
}

impl Controller for Jobs {
    fn name(&self) -> &'static str {
        "job"
    }

    fn concerned(&self, change: &Change) -> Vec<Key> {
        let mut keys = pods::itself_or_owner(change, &JOBS, &PODS);
        if change.kind.id() == PODS.id()
            && let Some(name) = tracking::job_name(&change.object)
        {
            keys.push(Key::new(meta::namespace(&change.object), name));
        }
        keys
    }

    fn all(&self) -> Vec<Key> {
        pods::keys(&self.store, &JOBS)
    }

    fn reconcile(&mut self, key: &Key) -> Result<Next, ApiError> {
        let job = self.store.get(&JOBS, &key.ns, &key.name);
        tracking::release_orphans(&self.store, &key.ns, &key.name, job.as_ref())?;
        let Some(job) = job else { return Ok(Next::OnChange) };
        if meta::is_deleting(&job) {
            let (count, counted) = tracking::count(&job, &pods::owned(&self.store, &job));
            return self.finish_tracking(&job, &count, &counted).map(|()| Next::OnChange);
        }
        if self.is_understood(&job) { self.sync(&job) } else { Ok(Next::OnChange) }
    }
}
