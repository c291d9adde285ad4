//! Namespaces: emptied before they go.
//!
//! <https://kubernetes.io/docs/tasks/administer-cluster/namespaces/>

use serde_json::{Value, json};

use super::pods;
use super::runner::{Controller, Key, Next};
use crate::lab::cluster::error::ApiError;
use crate::lab::cluster::kind::{ALL, Kind, NAMESPACES, SERVICE_ACCOUNTS};
use crate::lab::cluster::meta;
use crate::lab::cluster::removal::{DeleteOptions, Propagation};
use crate::lab::cluster::store::{Change, Store};

pub(super) struct Namespaces {
    store: Store,
}

impl Namespaces {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Deletes what is in it, and says whether nothing is left.
    fn empty(&self, name: &str) -> Result<bool, ApiError> {
        let mut left = 0;
        for kind in ALL.iter().copied().filter(|kind| kind.namespaced && kind.stored) {
            for object in self.store.list(kind, Some(name)).0 {
                self.delete(kind, &object)?;
            }
            left += self.store.list(kind, Some(name)).0.len();
        }
        Ok(left == 0)
    }

    fn delete(&self, kind: &'static Kind, object: &Value) -> Result<(), ApiError> {
        if meta::is_deleting(object) {
            return Ok(());
        }
        let options = DeleteOptions {
            propagation: Some(Propagation::Background),
            ..DeleteOptions::default()
        };
        match self.store.delete(kind, meta::namespace(object), meta::name(object), &options) {
            Err(error) if error.code != 404 => Err(error),
            _ => Ok(()),
        }
    }

    fn release(&self, name: &str) -> Result<(), ApiError> {
        let release = |namespace: &mut Value| namespace["spec"]["finalizers"] = json!([]);
        match self.store.modify(&NAMESPACES, "", name, release) {
            Err(error) if error.code != 404 => Err(error),
            _ => Ok(()),
        }
    }

    /// Every namespace has a `ServiceAccount` that pods run under by default.
    fn furnish(&self, name: &str) -> Result<(), ApiError> {
        let account = json!({"metadata": {"name": "default", "namespace": name}});
        match self.store.create(&SERVICE_ACCOUNTS, account) {
            Err(error) if error.reason != "AlreadyExists" => Err(error),
            _ => Ok(()),
        }
    }
}

impl Controller for Namespaces {
    fn name(&self) -> &'static str {
        "namespace"
    }

    fn concerned(&self, change: &Change) -> Vec<Key> {
        if change.kind.id() == NAMESPACES.id() {
            return vec![Key::of(&change.object)];
        }
        // What a namespace that is going waits for.
        let ns = meta::namespace(&change.object);
        let going = self
            .store
            .get(&NAMESPACES, "", ns)
            .is_some_and(|namespace| meta::is_deleting(&namespace));
        if going { vec![Key::new("", ns)] } else { Vec::new() }
    }

    fn all(&self) -> Vec<Key> {
        pods::keys(&self.store, &NAMESPACES)
    }

    fn reconcile(&mut self, key: &Key) -> Result<Next, ApiError> {
        match self.store.get(&NAMESPACES, "", &key.name) {
            Some(namespace) if !meta::is_deleting(&namespace) => self.furnish(&key.name)?,
            gone_or_going => {
                if self.empty(&key.name)? && gone_or_going.is_some() {
                    self.release(&key.name)?;
                }
            }
        }
        Ok(Next::OnChange)
    }
}
