//! Counting finished pods, once each.

use serde_json::{Value, json};

use super::super::pods::{self, number};
use crate::lab::cluster::error::ApiError;
use crate::lab::cluster::kind::PODS;
use crate::lab::cluster::meta;
use crate::lab::cluster::store::Store;

/// Holds a pod until its Job has counted it.
pub(super) const FINALIZER: &str = "batch.kubernetes.io/job-tracking";
const NAME: &str = "batch.kubernetes.io/job-name";
const UID: &str = "batch.kubernetes.io/controller-uid";

/// What a Job has come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) succeeded: i64,
    pub(super) failed: i64,
    pub(super) active: i64,
    pub(super) ready: i64,
    pub(super) terminating: i64,
    /// How often the containers of unfinished pods were restarted.
    pub(super) restarts: i64,
}

/// Counts, and returns the pods that may go now.
pub(super) fn count(job: &Value, owned: &[Value]) -> (Count, Vec<Value>) {
    let mut count = Count {
        succeeded: number(job, "/status/succeeded").unwrap_or(0),
        failed: number(job, "/status/failed").unwrap_or(0),
        ..Count::default()
    };
    let mut counted = Vec::new();
    for pod in owned {
        if !pods::is_finished(pod) && meta::is_deleting(pod) {
            count.terminating += 1;
        }
        if pods::is_active(pod) {
            count.active += 1;
            count.ready += i64::from(pods::is_ready(pod));
            count.restarts += restarts(pod);
        } else if meta::finalizers(pod).contains(&FINALIZER) {
            match pods::phase(pod) {
                "Succeeded" => count.succeeded += 1,
                _ => count.failed += 1,
            }
            counted.push(pod.clone());
        }
    }
    (count, counted)
}

fn restarts(pod: &Value) -> i64 {
    let of = |list: &str| -> i64 {
        let statuses = pod["status"][list].as_array().into_iter().flatten();
        statuses.filter_map(|status| status["restartCount"].as_i64()).sum()
    };
    of("containerStatuses") + of("initContainerStatuses")
}

/// Lets a pod go.
pub(super) fn release(store: &Store, pod: &Value) -> Result<(), ApiError> {
    let strip = |pod: &mut Value| {
        if let Some(list) = pod.pointer_mut("/metadata/finalizers").and_then(Value::as_array_mut) {
            list.retain(|one| one != FINALIZER);
        }
        if meta::finalizers(pod).is_empty() {
            meta::meta_mut(pod).shift_remove("finalizers");
        }
    };
    match store.modify(&PODS, meta::namespace(pod), meta::name(pod), strip) {
        Err(error) if error.code != 404 => Err(error),
        _ => Ok(()),
    }
}

/// Pods that carry the Job's name, but whose Job is no more or let go of them.
pub(super) fn release_orphans(
    store: &Store,
    ns: &str,
    name: &str,
    living: Option<&Value>,
) -> Result<(), ApiError> {
    let (all, _) = store.list(&PODS, Some(ns));
    let lost = |pod: &&Value| {
        pod["metadata"]["labels"][NAME] == name
            && meta::finalizers(pod).contains(&FINALIZER)
            && !living.is_some_and(|job| pods::is_controlled_by(pod, job))
    };
    all.iter().filter(lost).try_for_each(|pod| release(store, pod))
}

/// The labels of a Job's pods, in the present and the former spelling.
pub(super) fn labels(job: &Value) -> [(&'static str, String); 4] {
    let (name, uid) = (meta::name(job).to_owned(), meta::uid(job).to_owned());
    [(NAME, name.clone()), ("job-name", name), (UID, uid.clone()), ("controller-uid", uid)]
}

/// A new pod of the Job.
pub(super) fn build(job: &Value) -> Value {
    let mut pod = pods::from_template(&job["spec"]["template"], job);
    pod["metadata"]["generateName"] = format!("{}-", meta::name(job)).into();
    for (label, value) in labels(job) {
        pod["metadata"]["labels"][label] = value.into();
    }
    pod["metadata"]["finalizers"] = json!([FINALIZER]);
    pod
}

/// The name of the Job that a pod was made by, also when it belongs to nobody any more.
pub(super) fn job_name(pod: &Value) -> Option<&str> {
    pod["metadata"]["labels"][NAME].as_str().filter(|_| meta::finalizers(pod).contains(&FINALIZER))
}
