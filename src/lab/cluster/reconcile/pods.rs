//! What the controllers ask about pods, and how they make and delete them.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::runner::Key;
use crate::lab::cluster::error::ApiError;
use crate::lab::cluster::kind::{Kind, PODS};
use crate::lab::cluster::meta;
use crate::lab::cluster::removal::DeleteOptions;
use crate::lab::cluster::store::{Change, Store};

pub(super) fn phase(pod: &Value) -> &str {
    meta::text(pod, "/status/phase")
}

pub(super) fn is_finished(pod: &Value) -> bool {
    matches!(phase(pod), "Succeeded" | "Failed")
}

/// Neither finished nor being deleted.
pub(super) fn is_active(pod: &Value) -> bool {
    !is_finished(pod) && !meta::is_deleting(pod)
}

/// The entry of `status.conditions` with this type.
pub(super) fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object["status"]["conditions"].as_array()?.iter().find(|one| one["type"] == kind)
}

pub(super) fn is_true(object: &Value, kind: &str) -> bool {
    condition(object, kind).is_some_and(|one| one["status"] == "True")
}

pub(super) fn is_ready(pod: &Value) -> bool {
    is_true(pod, "Ready")
}

/// Ready for at least `min_ready`: available now, or after the time that is returned, or not at all.
pub(super) fn availability(pod: &Value, min_ready: Duration) -> Availability {
    if !is_ready(pod) {
        return Availability::Not;
    }
    let since = condition(pod, "Ready")
        .and_then(|one| one["lastTransitionTime"].as_str()?.parse::<Timestamp>().ok());
    let for_so_long = since
        .and_then(|since| Timestamp::now().duration_since(since).try_into().ok())
        .unwrap_or(Duration::ZERO);
    match min_ready.checked_sub(for_so_long) {
        None | Some(Duration::ZERO) => Availability::Now,
        Some(left) => Availability::In(left),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Availability {
    Now,
    In(Duration),
    Not,
}

/// The pods that `owner` controls.
pub(super) fn owned(store: &Store, owner: &Value) -> Vec<Value> {
    children(store, &PODS, owner)
}

/// The objects of a kind that `owner` controls, oldest first.
pub(super) fn children(store: &Store, kind: &Kind, owner: &Value) -> Vec<Value> {
    let (all, _) = store.list(kind, Some(meta::namespace(owner)));
    let mut own: Vec<Value> = all.into_iter().filter(|one| is_controlled_by(one, owner)).collect();
    own.sort_by_key(|one| {
        (meta::text(one, "/metadata/creationTimestamp").to_owned(), meta::name(one).to_owned())
    });
    own
}

pub(super) fn is_controlled_by(object: &Value, owner: &Value) -> bool {
    meta::controller(object).is_some_and(|entry| entry["uid"] == meta::uid(owner))
}

/// The controlling owner's key, when it is of this kind.
pub(super) fn owner_key(object: &Value, kind: &Kind) -> Option<Key> {
    let owner = meta::controller(object).filter(|owner| owner["kind"] == kind.kind)?;
    Some(Key::new(meta::namespace(object), owner["name"].as_str()?))
}

/// The changed object itself, when it is of `kind`, or its owner, when that is.
pub(super) fn itself_or_owner(change: &Change, kind: &Kind, child: &Kind) -> Vec<Key> {
    if change.kind.id() == kind.id() {
        return vec![Key::of(&change.object)];
    }
    if change.kind.id() != child.id() {
        return Vec::new();
    }
    let versions = [Some(&change.object), change.previous.as_ref()];
    versions.into_iter().flatten().filter_map(|object| owner_key(object, kind)).collect()
}

pub(super) fn keys(store: &Store, kind: &Kind) -> Vec<Key> {
    store.list(kind, None).0.iter().map(Key::of).collect()
}

/// A pod as `template` (a `PodTemplateSpec`) says, controlled by `owner`. The caller adds the name.
pub(super) fn from_template(template: &Value, owner: &Value) -> Value {
    let mut pod =
        json!({"metadata": {"namespace": meta::namespace(owner)}, "spec": template["spec"]});
    for key in ["labels", "annotations", "finalizers"] {
        if let Some(value) = template["metadata"].get(key) {
            pod["metadata"][key] = value.clone();
        }
    }
    pod["metadata"]["ownerReferences"] = json!([meta::owned_by(owner)]);
    pod
}

/// Deletes one pod the ordinary way. One that is gone already is what was wanted.
pub(super) fn delete(store: &Store, pod: &Value) -> Result<(), ApiError> {
    let options =
        DeleteOptions { uid: Some(meta::uid(pod).to_owned()), ..DeleteOptions::default() };
    match store.delete(&PODS, meta::namespace(pod), meta::name(pod), &options) {
        Err(error) if !matches!(error.code, 404 | 409) => Err(error),
        _ => Ok(()),
    }
}

/// Sets one entry of a `conditions` list. The transition time moves only when the status does; nothing moves when only the time of the probe would.
pub(crate) fn set_condition(status: &mut Value, mut new: Value) {
    if !status["conditions"].is_array() {
        status["conditions"] = json!([]);
    }
    let list = status["conditions"].as_array_mut().expect("it was made an array above");
    let old = list.iter_mut().find(|one| one["type"] == new["type"]);
    let said = ["status", "reason", "message", "lastUpdateTime"];
    if old.as_ref().is_some_and(|old| said.iter().all(|key| old[*key] == new[*key])) {
        return;
    }
    let same = old.as_ref().is_some_and(|old| old["status"] == new["status"]);
    let since = old.as_ref().map(|old| old["lastTransitionTime"].clone()).filter(|_| same);
    new["lastTransitionTime"] = since.unwrap_or_else(|| meta::now().into());
    match old {
        Some(old) => *old = new,
        None => list.push(new),
    }
}

pub(super) fn number(object: &Value, pointer: &str) -> Option<i64> {
    object.pointer(pointer).and_then(Value::as_i64)
}

pub(super) fn seconds(object: &Value, pointer: &str) -> Option<Duration> {
    number(object, pointer).and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs)
}

pub(super) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
