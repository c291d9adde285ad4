//! An etcd in memory: untyped objects, one revision counter, a bounded history to watch.

use std::collections::{BTreeMap, VecDeque};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::broadcast;

use super::error::ApiError;
use super::kind::{self, Kind};
use super::registry::{HISTORY, Registry, Run, key_of};
use super::stamp;

/// The objects of the lab's cluster. Clones share them.
///
/// Its writes follow the registry of the real API server: names and uids are drawn, generations counted, stale
/// revisions refused, finalizers awaited. A write that changes nothing is no write: it makes no revision and no change.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    inner: Arc<Mutex<Registry>>,
    live: broadcast::Sender<Change>,
}

/// What one write did to one object.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) revision: u64,
    pub(crate) kind: &'static Kind,
    pub(crate) what: Changed,
    /// The object after the change; for a deletion as it was last, with the deletion's revision.
    pub(crate) object: Arc<Value>,
    pub(crate) previous: Option<Arc<Value>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    Added,
    Modified,
    Deleted,
}

/// Changes since a revision without a gap: those that were, then those that come.
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) past: Vec<Change>,
    pub(crate) live: broadcast::Receiver<Change>,
}

impl Store {
    /// An empty cluster with the namespaces every cluster has. Names and uids are drawn from `seed`, Service
    /// addresses from the 256 addresses that begin with `services`.
    pub(crate) fn new(seed: &str, services: Ipv4Addr) -> Self {
        let (live, _) = broadcast::channel(HISTORY);
        let inner = Registry {
            objects: BTreeMap::new(),
            revision: 1,
            history: VecDeque::new(),
            floor: 1,
            stamps: stamp::Stamps::new(seed, services),
            live: live.clone(),
        };
        let store = Self { inner: Arc::new(Mutex::new(inner)), live };
        for name in ["default", "kube-node-lease", "kube-public", "kube-system"] {
            let namespace = serde_json::json!({"metadata": {"name": name}});
            store.create(&kind::NAMESPACES, namespace).expect("an empty store has room for it");
        }
        store
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Registry> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One object. `ns` is ignored for cluster-wide kinds.
    pub(crate) fn get(&self, kind: &Kind, ns: &str, name: &str) -> Option<Value> {
        self.lock().find(kind, ns, name).map(|found| Value::clone(&found))
    }

    /// All objects of a kind, in order of namespace and name, and the revision at which that was so.
    pub(crate) fn list(&self, kind: &Kind, ns: Option<&str>) -> (Vec<Value>, u64) {
        let inner = self.lock();
        let all = inner.objects.get(&kind.id()).into_iter().flatten();
        let wanted = all.filter(|((namespace, _), _)| ns.is_none_or(|ns| ns == namespace));
        (wanted.map(|(_, object)| Value::clone(object)).collect(), inner.revision)
    }

    /// The list as it was at an earlier revision.
    ///
    /// # Errors
    /// `410 Expired` when the history does not reach back that far.
    pub(crate) fn list_at(
        &self,
        kind: &Kind,
        ns: Option<&str>,
        at: u64,
    ) -> Result<Vec<Value>, ApiError> {
        let inner = self.lock();
        if at < inner.floor {
            return Err(ApiError::new(
                410,
                "Expired",
                "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.",
            ));
        }
        let mut objects = inner.objects.get(&kind.id()).cloned().unwrap_or_default();
        let undone = inner.history.iter().rev().take_while(|change| change.revision > at);
        for change in undone.filter(|change| change.kind.id() == kind.id()) {
            let key = key_of(&change.object);
            match &change.previous {
                Some(previous) => objects.insert(key, previous.clone()),
                None => objects.remove(&key),
            };
        }
        let wanted =
            objects.iter().filter(|((namespace, _), _)| ns.is_none_or(|ns| ns == namespace));
        Ok(wanted.map(|(_, object)| Value::clone(object)).collect())
    }

    pub(crate) fn revision(&self) -> u64 {
        self.lock().revision
    }

    /// Stores a new object and returns it as stored.
    ///
    /// # Errors
    /// `AlreadyExists`, or `NotFound` and `Forbidden` when its namespace is missing or ending, or `Invalid`.
    pub(crate) fn create(&self, kind: &'static Kind, object: Value) -> Result<Value, ApiError> {
        let mut inner = self.lock();
        let object = inner.prepare(kind, object)?;
        Ok(inner.write(kind, object, None))
    }

    /// What [`Store::create`] would store. The name and uid that it shows are drawn again later.
    ///
    /// # Errors
    /// As `create`.
    pub(crate) fn create_dry(&self, kind: &'static Kind, object: Value) -> Result<Value, ApiError> {
        let mut inner = self.lock();
        let stamps = inner.stamps.clone();
        let prepared = inner.prepare(kind, object);
        inner.stamps = stamps;
        prepared
    }

    /// Replaces an object, all but its status, and returns it as stored. Without a `resourceVersion` it is not
    /// checked for staleness. An object that waited only for its finalizers is gone when the last one is taken off.
    ///
    /// # Errors
    /// `NotFound`, or `Conflict` when the object was changed since.
    pub(crate) fn update(&self, kind: &'static Kind, object: Value) -> Result<Value, ApiError> {
        self.lock().replace(kind, object, Part::Main, Run::Real)
    }

    /// Replaces the status of an object and nothing else.
    ///
    /// # Errors
    /// As [`Store::update`].
    pub(crate) fn update_status(
        &self,
        kind: &'static Kind,
        object: Value,
    ) -> Result<Value, ApiError> {
        self.lock().replace(kind, object, Part::Status, Run::Real)
    }

    /// What [`Store::update`] or [`Store::update_status`] would store.
    ///
    /// # Errors
    /// As `update`.
    pub(crate) fn update_dry(
        &self,
        kind: &'static Kind,
        object: Value,
        part: Part,
    ) -> Result<Value, ApiError> {
        self.lock().replace(kind, object, part, Run::Dry)
    }

    /// Reads an object, lets `change` edit it, writes it back with [`Store::update`]; again if somebody else was faster.
    ///
    /// # Errors
    /// `NotFound`.
    pub(crate) fn modify(
        &self,
        kind: &'static Kind,
        ns: &str,
        name: &str,
        change: impl FnMut(&mut Value),
    ) -> Result<Value, ApiError> {
        self.retry(kind, ns, name, Part::Main, change)
    }

    /// Like [`Store::modify`], for the status alone.
    ///
    /// # Errors
    /// `NotFound`.
    pub(crate) fn modify_status(
        &self,
        kind: &'static Kind,
        ns: &str,
        name: &str,
        change: impl FnMut(&mut Value),
    ) -> Result<Value, ApiError> {
        self.retry(kind, ns, name, Part::Status, change)
    }

    fn retry(
        &self,
        kind: &'static Kind,
        ns: &str,
        name: &str,
        part: Part,
        mut change: impl FnMut(&mut Value),
    ) -> Result<Value, ApiError> {
        loop {
            let read = self.get(kind, ns, name);
            let mut object = read.ok_or_else(|| ApiError::not_found(kind, name))?;
            change(&mut object);
            match self.lock().replace(kind, object, part, Run::Real) {
                Err(error) if error.reason == "Conflict" => {}
                written => return written,
            }
        }
    }

    /// Changes from now on. A receiver that lags has to list again.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.live.subscribe()
    }

    /// Changes after `revision`, past ones and those to come.
    ///
    /// # Errors
    /// `410 Expired` when the history does not reach back that far.
    pub(crate) fn subscribe_from(&self, revision: u64) -> Result<Subscription, ApiError> {
        let inner = self.lock();
        if revision < inner.floor {
            return Err(ApiError::expired(revision, inner.floor));
        }
        let past = inner.history.iter().filter(|change| change.revision > revision);
        Ok(Subscription { past: past.cloned().collect(), live: self.live.subscribe() })
    }

    /// Forgets the history, as etcd does when it is compacted: watches that start before now get `410 Gone`.
    pub(crate) fn compact(&self) {
        let mut inner = self.lock();
        inner.history.clear();
        inner.floor = inner.revision;
    }
}

/// Which part of an object a write may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Main,
    Status,
}

#[cfg(test)]
pub(super) mod testing {
    use std::net::Ipv4Addr;

    use serde_json::{Value, json};

    use super::Store;

    pub(in super::super) fn store() -> Store {
        Store::new("test", Ipv4Addr::new(127, 7, 7, 0))
    }

    pub(in super::super) fn object(name: &str) -> Value {
        json!({"metadata": {"name": name, "namespace": "default"}})
    }

    /// A pod that the server accepts.
    pub(in super::super) fn pod(name: &str) -> Value {
        let mut pod = object(name);
        pod["metadata"]["labels"] = json!({"app": name});
        pod["spec"] = json!({"containers": [{"name": "main", "image": "postgres:17"}]});
        pod
    }

    /// A deployment that the server accepts.
    pub(in super::super) fn deployment(name: &str) -> Value {
        let mut deployment = object(name);
        deployment["spec"] =
            json!({"selector": {"matchLabels": {"app": name}}, "template": pod(name)});
        deployment["spec"]["template"]["metadata"] = json!({"labels": {"app": name}});
        deployment
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::kind::{CONFIG_MAPS, DEPLOYMENTS, PODS};
    use super::super::meta;
    use super::testing::{deployment, object, pod, store};
    use super::*;

    #[test]
    fn a_stale_update_is_a_conflict() {
        let store = store();
        let first = store.create(&CONFIG_MAPS, object("a")).unwrap();
        let mut second = first.clone();
        second["data"] = json!({"k": "1"});
        store.update(&CONFIG_MAPS, second.clone()).unwrap();
        assert_eq!(store.update(&CONFIG_MAPS, second).unwrap_err().code, 409);
    }

    #[test]
    fn a_write_that_changes_nothing_makes_no_revision() {
        let store = store();
        let made = store.create(&CONFIG_MAPS, object("a")).unwrap();
        let before = store.revision();
        assert_eq!(store.update(&CONFIG_MAPS, made.clone()).unwrap(), made);
        assert_eq!(store.revision(), before);
    }

    #[test]
    fn the_generation_counts_changes_of_the_spec_alone() {
        let store = store();
        store.create(&DEPLOYMENTS, deployment("a")).unwrap();
        let edit = |object: &mut Value| object["spec"]["replicas"] = 2.into();
        let changed = store.modify(&DEPLOYMENTS, "default", "a", edit).unwrap();
        assert_eq!(changed["metadata"]["generation"], 2);
        let edit = |object: &mut Value| object["status"] = json!({"replicas": 2});
        let changed = store.modify_status(&DEPLOYMENTS, "default", "a", edit).unwrap();
        assert_eq!(changed["metadata"]["generation"], 2);
        assert_eq!(changed["status"]["replicas"], 2);
    }

    #[test]
    fn generated_names_repeat_from_run_to_run() {
        let draw = || {
            let mut pod = pod("a");
            pod["metadata"] = json!({"generateName": "web-", "namespace": "default"});
            let pod = store().create(&PODS, pod).unwrap();
            (meta::name(&pod).to_owned(), meta::uid(&pod).to_owned())
        };
        assert_eq!(draw(), draw());
        assert_eq!(draw().0.len(), "web-".len() + 5);
    }

    #[test]
    fn an_old_revision_can_be_listed_until_it_is_compacted() {
        let store = store();
        store.create(&PODS, pod("a")).unwrap();
        let then = store.revision();
        store.create(&PODS, pod("b")).unwrap();
        assert_eq!(store.list_at(&PODS, None, then).unwrap().len(), 1);
        assert_eq!(store.subscribe_from(then).unwrap().past.len(), 1);
        store.compact();
        assert_eq!(store.list_at(&PODS, None, then).unwrap_err().code, 410);
        assert_eq!(store.subscribe_from(then).unwrap_err().reason, "Expired");
    }

    #[test]
    fn a_missing_namespace_takes_no_object() {
        let pod = json!({"metadata": {"name": "a", "namespace": "nowhere"}});
        let error = store().create(&PODS, pod).unwrap_err();
        assert_eq!(error.message, "namespaces \"nowhere\" not found");
    }
}
