use serde_json::{Value, json};

use super::super::pods::{self, children, number};
use super::super::runner::{Controller, Key, Next};
use super::hash;
use super::plan::{self, Room, Set};
use super::status::{self, Fresh, Tally};
use crate::lab::cluster::error::ApiError;
use crate::lab::cluster::kind::{DEPLOYMENTS, PODS, REPLICA_SETS};
use crate::lab::cluster::meta;
use crate::lab::cluster::recorder::Recorder;
use crate::lab::cluster::removal::{DeleteOptions, Propagation};
use crate::lab::cluster::store::{Change, Store};

const HASH: &str = "pod-template-hash";
const REVISION: &str = "deployment.kubernetes.io/revision";

pub(in super::super) struct Deployments {
    store: Store,
    recorder: Recorder,
}

/// A Deployment's `ReplicaSets`, oldest first, and which of them has its template.
struct Sets {
    all: Vec<Value>,
    new: Option<usize>,
}

impl Sets {
    fn newest(&self) -> Option<&Value> {
        self.new.map(|index| &self.all[index])
    }

    fn old(&self) -> Vec<&Value> {
        self.all
            .iter()
            .enumerate()
            .filter(|(index, _)| Some(*index) != self.new)
            .map(|(_, set)| set)
            .collect()
    }
}

impl Deployments {
    pub(in super::super) fn new(store: Store) -> Self {
        let recorder = Recorder::new(store.clone(), "deployment-controller");
        Self { store, recorder }
    }

    fn sets(&self, deployment: &Value) -> Sets {
        let all = children(&self.store, &REPLICA_SETS, deployment);
        let wanted = hash::canonical(&deployment["spec"]["template"]);
        let new = all.iter().position(|set| hash::canonical(&template_of(set)) == wanted);
        Sets { all, new }
    }

    fn roll(&self, deployment: &Value) -> Result<Option<&'static str>, ApiError> {
        let sets = self.sets(deployment);
        let wanted = number(deployment, "/spec/replicas").unwrap_or(1);
        if deployment["spec"]["paused"] == true {
            self.scale_what_serves(deployment, &sets, wanted)?;
            return Ok(None);
        }
        if deployment["spec"]["strategy"]["type"] == "Recreate" {
            return self.recreate(deployment, &sets, wanted);
        }
        let (new, news) = self.ensure_new(deployment, &sets)?;
        let old = sets.old();
        let room = Room::of(deployment, wanted);
        let numbers: Vec<Set> = old.iter().map(|set| Set::of(set)).collect();
        let grown = plan::grow(Set::of(&new), &numbers, wanted, room);
        if grown != Set::of(&new).wanted {
            self.scale(deployment, &new, grown, wanted)?;
            return Ok(news);
        }
        let sizes = plan::shrink(Set::of(&new), &numbers, wanted, room);
        for (set, size) in old.iter().zip(sizes) {
            self.scale(deployment, set, size, wanted)?;
        }
        Ok(news)
    }

    /// Paused: the template waits, but the number of replicas is followed.
    fn scale_what_serves(
        &self,
        deployment: &Value,
        sets: &Sets,
        wanted: i64,
    ) -> Result<(), ApiError> {
        let serving: Vec<&Value> = sets.all.iter().filter(|set| Set::of(set).wanted > 0).collect();
        match serving.as_slice() {
            [one] => self.scale(deployment, one, wanted, wanted),
            [] => sets.all.last().map_or(Ok(()), |set| self.scale(deployment, set, wanted, wanted)),
            _ => Ok(()),
        }
    }

    /// All old pods are gone before the first new one comes.
    fn recreate(
        &self,
        deployment: &Value,
        sets: &Sets,
        wanted: i64,
    ) -> Result<Option<&'static str>, ApiError> {
        for set in sets.old() {
            self.scale(deployment, set, 0, wanted)?;
        }
        if sets.old().iter().any(|set| self.has_pods(set)) {
            return Ok(None);
        }
        let (new, news) = self.ensure_new(deployment, sets)?;
        self.scale(deployment, &new, wanted, wanted)?;
        Ok(news)
    }

    /// A pod counts until it has finished, also while it is terminating.
    fn has_pods(&self, set: &Value) -> bool {
        pods::owned(&self.store, set).iter().any(|pod| !pods::is_finished(pod))
    }

    /// The ReplicaSet with the Deployment's template and the highest revision, made if there is none.
    fn ensure_new(
        &self,
        deployment: &Value,
        sets: &Sets,
    ) -> Result<(Value, Option<&'static str>), ApiError> {
        let newest = sets.old().iter().map(|set| revision(set)).max().unwrap_or(0) + 1;
        let (set, news) = match sets.newest() {
            Some(set) => {
                let first = pods::condition(deployment, "Progressing").is_none();
                (self.renew(deployment, set, newest)?, first.then_some("FoundNewReplicaSet"))
            }
            None => (self.make_set(deployment, newest)?, Some("NewReplicaSetCreated")),
        };
        let number = revision(&set).to_string();
        if deployment["metadata"]["annotations"][REVISION] != *number {
            let note = |deployment: &mut Value| annotate(deployment, REVISION, &number);
            self.store.modify(
                &DEPLOYMENTS,
                meta::namespace(deployment),
                meta::name(deployment),
                note,
            )?;
        }
        Ok((set, news))
    }

    fn renew(&self, deployment: &Value, set: &Value, newest: i64) -> Result<Value, ApiError> {
        let number = revision(set).max(newest).to_string();
        let wanted = deployment["spec"]["minReadySeconds"].clone();
        let edit = |set: &mut Value| {
            annotate(set, REVISION, &number);
            if !wanted.is_null() {
                set["spec"]["minReadySeconds"] = wanted.clone();
            }
        };
        self.store.modify(&REPLICA_SETS, meta::namespace(set), meta::name(set), edit)
    }

    fn make_set(&self, deployment: &Value, number: i64) -> Result<Value, ApiError> {
        let collisions = pods::number(deployment, "/status/collisionCount").unwrap_or(0);
        let hash = hash::of(&deployment["spec"]["template"], collisions);
        let mut template = deployment["spec"]["template"].clone();
        template["metadata"]["labels"][HASH] = hash.clone().into();
        let mut selector = deployment["spec"]["selector"].clone();
        selector["matchLabels"][HASH] = hash.clone().into();
        let mut set = json!({
            "metadata": {
                "name": format!("{}-{hash}", meta::name(deployment)), "namespace": meta::namespace(deployment),
                "labels": template["metadata"]["labels"], "annotations": annotations_for(deployment, number),
                "ownerReferences": [meta::owned_by(deployment)],
            },
            "spec": {"replicas": 0, "selector": selector, "template": template},
            "status": {"replicas": 0},
        });
        if let Some(seconds) = deployment["spec"].get("minReadySeconds") {
            set["spec"]["minReadySeconds"] = seconds.clone();
        }
        self.store.create(&REPLICA_SETS, set)
    }

    fn scale(&self, deployment: &Value, set: &Value, to: i64, wanted: i64) -> Result<(), ApiError> {
        let from = Set::of(set).wanted;
        let desired = wanted.to_string();
        if from == to
            && set["metadata"]["annotations"]["deployment.kubernetes.io/desired-replicas"]
                == *desired
        {
            return Ok(());
        }
        let surge = (wanted + Room::of(deployment, wanted).surge).to_string();
        let edit = |set: &mut Value| {
            set["spec"]["replicas"] = to.into();
            annotate(set, "deployment.kubernetes.io/desired-replicas", &desired);
            annotate(set, "deployment.kubernetes.io/max-replicas", &surge);
        };
        self.store.modify(&REPLICA_SETS, meta::namespace(set), meta::name(set), edit)?;
        if from != to {
            let way = if to > from { "up" } else { "down" };
            let text = format!("Scaled {way} replica set {} from {from} to {to}", meta::name(set));
            self.recorder.normal(deployment, "ScalingReplicaSet", &text);
        }
        Ok(())
    }

    fn forget_old(&self, deployment: &Value) -> Result<(), ApiError> {
        let sets = self.sets(deployment);
        let limit = number(deployment, "/spec/revisionHistoryLimit").unwrap_or(10);
        let empty = |set: &&Value| {
            Set::of(set).wanted == 0 && number(set, "/status/replicas").unwrap_or(0) == 0
        };
        let mut idle: Vec<&Value> = sets.old().into_iter().filter(empty).collect();
        idle.sort_by_key(|set| revision(set));
        let surplus = usize::try_from(pods::count(idle.len()) - limit).unwrap_or(0);
        let options = DeleteOptions {
            propagation: Some(Propagation::Background),
            ..DeleteOptions::default()
        };
        for set in idle.into_iter().take(surplus) {
            self.store.delete(&REPLICA_SETS, meta::namespace(set), meta::name(set), &options)?;
        }
        Ok(())
    }

    fn report(&self, key: &Key, news: Option<&'static str>) -> Result<Next, ApiError> {
        let Some(deployment) = self.store.get(&DEPLOYMENTS, &key.ns, &key.name) else {
            return Ok(Next::OnChange);
        };
        let sets = self.sets(&deployment);
        let wanted = number(&deployment, "/spec/replicas").unwrap_or(1);
        let tally = Tally::of(sets.newest(), &sets.all);
        let (status, next) = status::next(&Fresh {
            deployment: &deployment,
            wanted,
            tally,
            new: sets.newest(),
            news,
        });
        self.store.modify_status(&DEPLOYMENTS, &key.ns, &key.name, |deployment| {
            deployment["status"] = status.clone();
        })?;
        Ok(next)
    }
}

/// A ReplicaSet's template as the Deployment wrote it.
fn template_of(set: &Value) -> Value {
    let mut template = set["spec"]["template"].clone();
    if let Some(labels) = template.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
        labels.shift_remove(HASH);
    }
    template
}

fn revision(set: &Value) -> i64 {
    set["metadata"]["annotations"][REVISION]
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

fn annotate(object: &mut Value, key: &str, value: &str) {
    let meta = meta::meta_mut(object);
    let annotations = meta.entry("annotations").or_insert_with(|| json!({}));
    annotations[key] = value.into();
}

fn annotations_for(deployment: &Value, number: i64) -> Value {
    let own = deployment["metadata"]["annotations"].as_object().cloned().unwrap_or_default();
    let kept = own
        .into_iter()
        .filter(|(key, _)| key != "kubectl.kubernetes.io/last-applied-configuration");
    let mut annotations: Value = Value::Object(kept.collect());
    annotations[REVISION] = number.to_string().into();
    annotations
}

impl Controller for Deployments {
    fn name(&self) -> &'static str {
        "deployment"
    }

    fn concerned(&self, change: &Change) -> Vec<Key> {
        if change.kind.id() != PODS.id() {
            return pods::itself_or_owner(change, &DEPLOYMENTS, &REPLICA_SETS);
        }
        // `Recreate` waits for pods, which belong to a ReplicaSet.
        let set = pods::owner_key(&change.object, &REPLICA_SETS);
        let set = set.and_then(|key| self.store.get(&REPLICA_SETS, &key.ns, &key.name));
        set.and_then(|set| pods::owner_key(&set, &DEPLOYMENTS)).into_iter().collect()
    }

    fn all(&self) -> Vec<Key> {
        pods::keys(&self.store, &DEPLOYMENTS)
    }

    fn reconcile(&mut self, key: &Key) -> Result<Next, ApiError> {
        let Some(deployment) = self.store.get(&DEPLOYMENTS, &key.ns, &key.name) else {
            return Ok(Next::OnChange);
        };
        if meta::is_deleting(&deployment) {
            return self.report(key, None);
        }
        let news = self.roll(&deployment)?;
        self.forget_old(&deployment)?;
        self.report(key, news)
    }
}
