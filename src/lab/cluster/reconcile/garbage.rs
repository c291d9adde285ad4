//! The garbage collector: what is owned goes with its owner, before it, or is let go.
//!
//! <https://kubernetes.io/docs/concepts/architecture/garbage-collection/>

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::runner::{Controller, Key, Next};
use crate::lab::cluster::error::ApiError;
use crate::lab::cluster::kind::{ALL, EVENTS, Kind};
use crate::lab::cluster::meta;
use crate::lab::cluster::removal::{DeleteOptions, Propagation};
use crate::lab::cluster::store::{Change, Changed, Store};

pub(super) struct Garbage {
    store: Store,
}

/// Every object with its kind, by uid.
type World = BTreeMap<String, (&'static Kind, Value)>;

impl Garbage {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }

    fn world(&self) -> World {
        let kinds = ALL.iter().copied().filter(|kind| kind.stored && kind.id() != EVENTS.id());
        let of = |kind: &'static Kind| {
            self.store.list(kind, None).0.into_iter().map(move |one| (kind, one))
        };
        kinds.flat_map(of).map(|(kind, one)| (meta::uid(&one).to_owned(), (kind, one))).collect()
    }

    fn collect(&self, world: &World, kind: &'static Kind, object: &Value) -> Result<(), ApiError> {
        let owners: Vec<&Value> = meta::owners(object).collect();
        let owner = |entry: &Value| world.get(meta::text(entry, "/uid")).map(|(_, owner)| owner);
        let solid = owners
            .iter()
            .any(|entry| owner(entry).is_some_and(|owner| !waits_for_dependents(owner)));
        if owners.is_empty() || solid {
            return Ok(());
        }
        // An owner that waits for its dependents wants them gone the same way.
        let waiting = owners.iter().any(|entry| owner(entry).is_some());
        let has_own = world
            .values()
            .any(|(_, one)| meta::owners(one).any(|entry| entry["uid"] == meta::uid(object)));
        let propagation =
            if waiting && has_own { Propagation::Foreground } else { Propagation::Background };
        self.delete(kind, object, propagation)
    }

    fn delete(
        &self,
        kind: &'static Kind,
        object: &Value,
        propagation: Propagation,
    ) -> Result<(), ApiError> {
        if meta::is_deleting(object) {
            return Ok(());
        }
        let options = DeleteOptions {
            propagation: Some(propagation),
            uid: Some(meta::uid(object).to_owned()),
            ..DeleteOptions::default()
        };
        match self.store.delete(kind, meta::namespace(object), meta::name(object), &options) {
            Err(error) if !matches!(error.code, 404 | 409) => Err(error),
            _ => Ok(()),
        }
    }

    /// An owner under a finalizer of the garbage collector.
    fn finish(&self, world: &World, kind: &'static Kind, owner: &Value) -> Result<(), ApiError> {
        if !meta::is_deleting(owner) {
            return Ok(());
        }
        let dependents = world
            .values()
            .filter(|(_, one)| meta::owners(one).any(|entry| entry["uid"] == meta::uid(owner)));
        if meta::finalizers(owner).contains(&"orphan") {
            for (kind, one) in dependents {
                self.let_go(kind, one, owner)?;
            }
            return self.strip(kind, owner, "orphan");
        }
        if waits_for_dependents(owner) {
            let blocks = |one: &Value| {
                meta::owners(one).any(|entry| {
                    entry["uid"] == meta::uid(owner) && entry["blockOwnerDeletion"] == true
                })
            };
            if dependents.into_iter().all(|(_, one)| !blocks(one)) {
                return self.strip(kind, owner, "foregroundDeletion");
            }
        }
        Ok(())
    }

    fn let_go(&self, kind: &'static Kind, one: &Value, owner: &Value) -> Result<(), ApiError> {
        let cut = |one: &mut Value| {
            let left: Vec<Value> = meta::owners(one)
                .filter(|entry| entry["uid"] != meta::uid(owner))
                .cloned()
                .collect();
            let meta = meta::meta_mut(one);
            if left.is_empty() {
                meta.shift_remove("ownerReferences");
            } else {
                meta.insert("ownerReferences".to_owned(), json!(left));
            }
        };
        ignore_missing(self.store.modify(kind, meta::namespace(one), meta::name(one), cut))
    }

    fn strip(&self, kind: &'static Kind, owner: &Value, finalizer: &str) -> Result<(), ApiError> {
        let strip = |owner: &mut Value| {
            let left: Vec<&str> =
                meta::finalizers(owner).into_iter().filter(|one| *one != finalizer).collect();
            let left = json!(left);
            meta::meta_mut(owner).insert("finalizers".to_owned(), left);
        };
        ignore_missing(self.store.modify(kind, meta::namespace(owner), meta::name(owner), strip))
    }
}

fn waits_for_dependents(owner: &Value) -> bool {
    meta::is_deleting(owner) && meta::finalizers(owner).contains(&"foregroundDeletion")
}

fn ignore_missing(result: Result<Value, ApiError>) -> Result<(), ApiError> {
    match result {
        Err(error) if error.code != 404 => Err(error),
        _ => Ok(()),
    }
}

impl Controller for Garbage {
    fn name(&self) -> &'static str {
        "garbage-collector"
    }

    /// There is one key: whoever owns whom is looked at as a whole.
    fn concerned(&self, change: &Change) -> Vec<Key> {
        let gone = change.what == Changed::Deleted;
        let owned = change.what == Changed::Added && meta::owners(&change.object).next().is_some();
        let held =
            meta::is_deleting(&change.object) && !meta::finalizers(&change.object).is_empty();
        let matters = change.kind.id() != EVENTS.id() && (gone || owned || held);
        if matters { self.all() } else { Vec::new() }
    }

    fn all(&self) -> Vec<Key> {
        vec![Key::new("", "")]
    }

    fn reconcile(&mut self, _: &Key) -> Result<Next, ApiError> {
        let world = self.world();
        for (kind, object) in world.values() {
            self.collect(&world, kind, object)?;
            self.finish(&world, kind, object)?;
        }
        Ok(Next::OnChange)
    }
}
