//! What stands behind the store: objects, revisions, history, and the rules of writing.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::broadcast;

use super::error::ApiError;
use super::kind::{self, Kind};
use super::meta;
use super::rules;
use super::stamp;
use super::store::{Change, Changed, Part};

/// How many changes a watch may lie behind before it is told `410 Gone`.
pub(super) const HISTORY: usize = 4096;

type Objects = BTreeMap<(String, String), Arc<Value>>;

/// The objects and their past. Whoever holds it holds the store's lock.
#[derive(Debug)]
pub(super) struct Registry {
    pub(super) objects: BTreeMap<(&'static str, &'static str), Objects>,
    pub(super) revision: u64,
    pub(super) history: VecDeque<Change>,
    /// The oldest revision from which a watch can still start.
    pub(super) floor: u64,
    pub(super) stamps: stamp::Stamps,
    pub(super) live: broadcast::Sender<Change>,
}

/// Whether a write is to be made, or only to be shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    Real,
    Dry,
}

pub(super) fn key_of(object: &Value) -> (String, String) {
    (meta::namespace(object).to_owned(), meta::name(object).to_owned())
}

impl Registry {
    pub(super) fn find(&self, kind: &Kind, ns: &str, name: &str) -> Option<Arc<Value>> {
        let ns = if kind.namespaced { ns } else { "" };
        self.objects.get(&kind.id())?.get(&(ns.to_owned(), name.to_owned())).cloned()
    }

    pub(super) fn all(&self, kind: &Kind) -> impl Iterator<Item = &Arc<Value>> {
        self.objects.get(&kind.id()).into_iter().flat_map(BTreeMap::values)
    }

    pub(super) fn prepare(
        &mut self,
        kind: &'static Kind,
        mut object: Value,
    ) -> Result<Value, ApiError> {
        self.admit_namespace(kind, &object)?;
        rules::set_defaults(kind, &mut object);
        stamp::new_object(self, kind, &mut object)?;
        let (ns, name) = key_of(&object);
        if self.find(kind, &ns, &name).is_some() {
            return Err(ApiError::already_exists(kind, &name));
        }
        rules::complete(self, kind, &mut object)?;
        rules::check_new(kind, &object)?;
        Ok(object)
    }

    /// <https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#namespacelifecycle>
    fn admit_namespace(&self, kind: &Kind, object: &Value) -> Result<(), ApiError> {
        if !kind.namespaced {
            return Ok(());
        }
        let ns = meta::namespace(object);
        let Some(namespace) = self.find(&kind::NAMESPACES, "", ns) else {
            return Err(ApiError::not_found(&kind::NAMESPACES, ns));
        };
        if meta::is_deleting(&namespace) {
            let why = format!(
                "unable to create new content in namespace {ns} because it is being terminated"
            );
            return Err(ApiError::forbidden(kind, meta::name(object), &why));
        }
        Ok(())
    }

    pub(super) fn replace(
        &mut self,
        kind: &'static Kind,
        object: Value,
        part: Part,
        run: Run,
    ) -> Result<Value, ApiError> {
        let (ns, name) = key_of(&object);
        let current =
            self.find(kind, &ns, &name).ok_or_else(|| ApiError::not_found(kind, &name))?;
        check_fresh(kind, &current, &object)?;
        let object = match part {
            Part::Main => changed_main(kind, &current, object)?,
            Part::Status => stamp::changed_status(&current, object),
        };
        if object == *current || run == Run::Dry {
            return Ok(object);
        }
        if is_released(&object) {
            return Ok(self.erase(kind, object, &current));
        }
        Ok(self.write(kind, object, Some(current)))
    }

    /// Stores `object` under a new revision and tells everybody.
    pub(super) fn write(
        &mut self,
        kind: &'static Kind,
        mut object: Value,
        previous: Option<Arc<Value>>,
    ) -> Value {
        self.stamp_revision(&mut object);
        let what = if previous.is_some() { Changed::Modified } else { Changed::Added };
        let stored = Arc::new(object.clone());
        self.objects.entry(kind.id()).or_default().insert(key_of(&object), stored.clone());
        self.tell(kind, what, stored, previous);
        object
    }

    /// Takes an object out, under a revision of its own.
    pub(super) fn erase(
        &mut self,
        kind: &'static Kind,
        mut object: Value,
        previous: &Arc<Value>,
    ) -> Value {
        self.stamp_revision(&mut object);
        if let Some(objects) = self.objects.get_mut(&kind.id()) {
            objects.remove(&key_of(&object));
        }
        self.tell(kind, Changed::Deleted, Arc::new(object.clone()), Some(previous.clone()));
        object
    }

    fn stamp_revision(&mut self, object: &mut Value) {
        self.revision += 1;
        let revision = self.revision.to_string();
        meta::meta_mut(object).insert("resourceVersion".to_owned(), revision.into());
    }

    fn tell(
        &mut self,
        kind: &'static Kind,
        what: Changed,
        object: Arc<Value>,
        previous: Option<Arc<Value>>,
    ) {
        let change = Change { revision: self.revision, kind, what, object, previous };
        self.history.push_back(change.clone());
        self.trim();
        // Nobody listening is no error.
        let _ = self.live.send(change);
    }

    fn trim(&mut self) {
        while self.history.len() > HISTORY {
            if let Some(dropped) = self.history.pop_front() {
                self.floor = dropped.revision;
            }
        }
    }
}

fn check_fresh(kind: &Kind, current: &Value, object: &Value) -> Result<(), ApiError> {
    let asked = meta::revision(object);
    if asked != 0 && asked != meta::revision(current) {
        return Err(ApiError::stale(kind, meta::name(current)));
    }
    let (given, own) = (meta::uid(object), meta::uid(current));
    if !given.is_empty() && given != own {
        let why =
            format!("Precondition failed: UID in precondition: {given}, UID in object meta: {own}");
        return Err(ApiError::conflict(kind, meta::name(current), &why));
    }
    Ok(())
}

fn changed_main(kind: &Kind, current: &Value, mut object: Value) -> Result<Value, ApiError> {
    rules::set_defaults(kind, &mut object);
    rules::keep_allocated(kind, current, &mut object);
    let object = stamp::changed_object(kind, current, object);
    rules::check_update(kind, current, &object)?;
    Ok(object)
}

/// Whether a deleted object waits for nothing any more: no finalizer, no grace.
pub(super) fn is_released(object: &Value) -> bool {
    let grace = object.pointer("/metadata/deletionGracePeriodSeconds").and_then(Value::as_i64);
    let held = object
        .pointer("/spec/finalizers")
        .and_then(Value::as_array)
        .is_some_and(|list| !list.is_empty());
    meta::is_deleting(object)
        && meta::finalizers(object).is_empty()
        && !held
        && grace.unwrap_or(0) == 0
}
