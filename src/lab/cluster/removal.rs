//! Deletion: grace, finalizers and propagation, as the registry of the API server does it.
//!
//! <https://kubernetes.io/docs/concepts/architecture/garbage-collection/>

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::error::ApiError;
use super::kind::Kind;
use super::meta;
use super::registry::is_released;
use super::store::Store;

/// What becomes of the objects that the deleted one owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Propagation {
    /// They go after it; the garbage collector sees to that.
    Background,
    /// They go before it: it waits under the finalizer `foregroundDeletion`.
    Foreground,
    /// They stay: it waits under the finalizer `orphan` until they are let go.
    Orphan,
}

/// How to delete: the body of a `DELETE`, `metav1.DeleteOptions`.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeleteOptions {
    /// `None`: what the kind does by default, which for Jobs is to orphan their pods.
    pub(crate) propagation: Option<Propagation>,
    /// Seconds; `None`: what the object says.
    pub(crate) grace: Option<i64>,
    pub(crate) uid: Option<String>,
    pub(crate) revision: Option<String>,
    pub(crate) dry_run: bool,
}

/// What a deletion came to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Removal {
    /// The object is gone; this is how it was last.
    Gone(Value),
    /// It is marked, and waits for its grace or its finalizers.
    Pending(Value),
}

impl Store {
    /// Deletes as a client does: pods stay until their node lets them go, finalizers are waited for.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` when a precondition does not hold.
    pub(crate) fn delete(
        &self,
        kind: &'static Kind,
        ns: &str,
        name: &str,
        options: &DeleteOptions,
    ) -> Result<Removal, ApiError> {
        let mut inner = self.lock();
        let current = inner.find(kind, ns, name).ok_or_else(|| ApiError::not_found(kind, name))?;
        check_preconditions(kind, &current, options)?;
        let marked = mark(kind, &current, options);
        let gone = is_released(&marked);
        if options.dry_run {
            return Ok(if gone { Removal::Gone(marked) } else { Removal::Pending(marked) });
        }
        if gone {
            return Ok(Removal::Gone(inner.erase(kind, marked, &current)));
        }
        if marked == *current {
            return Ok(Removal::Pending(marked));
        }
        Ok(Removal::Pending(inner.write(kind, marked, Some(current))))
    }

    /// Removes at once what only waited for its node or the garbage collector, with grace 0. Finalizers
    /// still hold it. Only the object with this uid is meant, not a later one of the same name.
    ///
    /// # Errors
    /// As [`Store::delete`].
    pub(crate) fn remove(
        &self,
        kind: &'static Kind,
        ns: &str,
        name: &str,
        uid: &str,
    ) -> Result<Removal, ApiError> {
        let options =
            DeleteOptions { grace: Some(0), uid: Some(uid.to_owned()), ..DeleteOptions::default() };
        self.delete(kind, ns, name, &options)
    }
}

fn check_preconditions(
    kind: &Kind,
    current: &Value,
    options: &DeleteOptions,
) -> Result<(), ApiError> {
    let name = meta::name(current);
    let pairs = [
        ("UID", &options.uid, meta::uid(current)),
        ("ResourceVersion", &options.revision, meta::text(current, "/metadata/resourceVersion")),
    ];
    for (what, asked, own) in pairs {
        if let Some(asked) = asked.as_deref().filter(|asked| *asked != own) {
            let why = format!(
                "Precondition failed: {what} in precondition: {asked}, {what} in object meta: {own}"
            );
            return Err(ApiError::conflict(kind, name, &why));
        }
    }
    Ok(())
}

/// The object as it is once the deletion has been asked for.
fn mark(kind: &Kind, current: &Value, options: &DeleteOptions) -> Value {
    let mut object = current.clone();
    let grace = grace_for(kind, current, options);
    let propagation = options.propagation.unwrap_or_else(|| usual(kind, current));
    set_finalizer(&mut object, "orphan", propagation == Propagation::Orphan);
    set_finalizer(&mut object, "foregroundDeletion", propagation == Propagation::Foreground);
    if kind.kind == "Namespace" {
        object["status"]["phase"] = "Terminating".into();
    }
    let meta = meta::meta_mut(&mut object);
    let former = meta.get("deletionGracePeriodSeconds").and_then(Value::as_i64);
    if former.is_some_and(|former| former <= grace) {
        return object;
    }
    let start = match meta.get("deletionTimestamp").and_then(Value::as_str) {
        Some(at) => {
            at.parse().unwrap_or(Timestamp::now()) - SignedDuration::from_secs(former.unwrap_or(0))
        }
        None => Timestamp::now(),
    };
    meta.insert(
        "deletionTimestamp".to_owned(),
        meta::time(start + SignedDuration::from_secs(grace)).into(),
    );
    meta.insert("deletionGracePeriodSeconds".to_owned(), grace.into());
    if former.is_none()
        && let Some(generation) = meta.get("generation").and_then(Value::as_i64)
    {
        meta.insert("generation".to_owned(), (generation + 1).into());
    }
    object
}

/// Without a word from the client: what an earlier deletion began, else what the kind does.
fn usual(kind: &Kind, current: &Value) -> Propagation {
    let held = meta::finalizers(current);
    if held.contains(&"orphan") {
        Propagation::Orphan
    } else if held.contains(&"foregroundDeletion") {
        Propagation::Foreground
    } else if kind.kind == "Job" {
        Propagation::Orphan
    } else {
        Propagation::Background
    }
}

/// Only pods are given time, and only those that run somewhere.
fn grace_for(kind: &Kind, current: &Value, options: &DeleteOptions) -> i64 {
    if kind.kind != "Pod" || meta::text(current, "/spec/nodeName").is_empty() {
        return 0;
    }
    if matches!(meta::text(current, "/status/phase"), "Succeeded" | "Failed") {
        return 0;
    }
    let own = current.pointer("/spec/terminationGracePeriodSeconds").and_then(Value::as_i64);
    options.grace.or(own).unwrap_or(30).max(0)
}

fn set_finalizer(object: &mut Value, finalizer: &str, wanted: bool) {
    let mut list: Vec<Value> = meta::finalizers(object).into_iter().map(Value::from).collect();
    let there = list.iter().any(|entry| entry == finalizer);
    if there == wanted {
        return;
    }
    if wanted {
        list.push(finalizer.into());
    } else {
        list.retain(|entry| entry != finalizer);
    }
    let meta = meta::meta_mut(object);
    if list.is_empty() {
        meta.shift_remove("finalizers");
    } else {
        meta.insert("finalizers".to_owned(), json!(list));
    }
}

#[cfg(test)]
mod tests {
    use super::super::kind::{DEPLOYMENTS, PODS};
    use super::super::store::testing::{deployment, pod, store};
    use super::*;

    fn with(propagation: Propagation) -> DeleteOptions {
        DeleteOptions { propagation: Some(propagation), ..DeleteOptions::default() }
    }

    #[test]
    fn a_scheduled_pod_stays_until_its_node_removes_it() {
        let store = store();
        let mut pod = pod("a");
        pod["spec"]["nodeName"] = "node".into();
        let pod = store.create(&PODS, pod).unwrap();
        let first = store.delete(&PODS, "default", "a", &DeleteOptions::default()).unwrap();
        let Removal::Pending(marked) = first else { panic!("{first:?}") };
        assert_eq!(marked["metadata"]["deletionGracePeriodSeconds"], 30);
        assert_eq!(marked["metadata"]["generation"], 2);
        let again = store.delete(&PODS, "default", "a", &DeleteOptions::default()).unwrap();
        assert_eq!(again, Removal::Pending(marked));
        let gone = store.remove(&PODS, "default", "a", meta::uid(&pod)).unwrap();
        assert!(matches!(gone, Removal::Gone(_)));
        assert!(store.get(&PODS, "default", "a").is_none());
    }

    #[test]
    fn a_finalizer_holds_an_object_until_it_is_taken_off() {
        let store = store();
        store.create(&DEPLOYMENTS, deployment("a")).unwrap();
        let options = with(Propagation::Foreground);
        let pending = store.delete(&DEPLOYMENTS, "default", "a", &options).unwrap();
        let Removal::Pending(marked) = pending else { panic!("{pending:?}") };
        assert_eq!(marked["metadata"]["finalizers"], json!(["foregroundDeletion"]));
        let release = |object: &mut Value| drop(meta::meta_mut(object).shift_remove("finalizers"));
        store.modify(&DEPLOYMENTS, "default", "a", release).unwrap();
        assert!(store.get(&DEPLOYMENTS, "default", "a").is_none());
    }

    #[test]
    fn a_precondition_guards_against_a_namesake() {
        let store = store();
        store.create(&PODS, pod("a")).unwrap();
        let error = store.remove(&PODS, "default", "a", "other").unwrap_err();
        assert_eq!((error.code, error.reason), (409, "Conflict"));
    }
}
