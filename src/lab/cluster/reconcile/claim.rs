//! Claims: bound to a folder once a pod uses them, and kept while one does.
//!
//! <https://kubernetes.io/docs/concepts/storage/persistent-volumes/>

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use super::pods;
use super::runner::{Controller, Key, Next};
use crate::lab::cluster::error::ApiError;
use crate::lab::cluster::kind::{CLAIMS, PODS, VOLUMES};
use crate::lab::cluster::meta;
use crate::lab::cluster::recorder::Recorder;
use crate::lab::cluster::store::{Change, Store};
use crate::lab::process::Supervisor;

/// What the scheduler writes on a claim when it has chosen a node for the first consumer.
pub(crate) const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
pub(crate) const STORAGE_CLASS: &str = "standard";
const PROVISIONER: &str = "lab.pgcutover.dev/folder";
const PROTECTION: &str = "kubernetes.io/pvc-protection";
const VOLUME_PROTECTION: &str = "kubernetes.io/pv-protection";

/// Controller, provisioner and protection in one.
pub(super) struct Claims {
    store: Store,
    recorder: Recorder,
    supervisor: Arc<Supervisor>,
}

impl Claims {
    pub(super) fn new(store: Store, supervisor: Arc<Supervisor>) -> Self {
        let recorder = Recorder::new(store.clone(), "persistentvolume-controller");
        Self { store, recorder, supervisor }
    }

    fn protect(&self, claim: &Value) -> Result<(), ApiError> {
        let add = |claim: &mut Value| {
            let mut list: Vec<Value> =
                meta::finalizers(claim).into_iter().map(Value::from).collect();
            if !list.iter().any(|one| one == PROTECTION) {
                list.push(PROTECTION.into());
                meta::meta_mut(claim).insert("finalizers".to_owned(), list.into());
            }
            if claim["spec"]["storageClassName"].is_null() {
                claim["spec"]["storageClassName"] = STORAGE_CLASS.into();
            }
        };
        self.store.modify(&CLAIMS, meta::namespace(claim), meta::name(claim), add).map(drop)
    }

    /// Only once no pod that still lives names it.
    fn release(&self, claim: &Value) -> Result<(), ApiError> {
        if !self.consumers(claim).is_empty() {
            return Ok(());
        }
        let strip = |claim: &mut Value| {
            let left: Vec<&str> =
                meta::finalizers(claim).into_iter().filter(|one| *one != PROTECTION).collect();
            let left = json!(left);
            meta::meta_mut(claim).insert("finalizers".to_owned(), left);
        };
        self.store.modify(&CLAIMS, meta::namespace(claim), meta::name(claim), strip).map(drop)
    }

    /// A finished pod holds nothing any more.
    fn consumers(&self, claim: &Value) -> Vec<Value> {
        let (all, _) = self.store.list(&PODS, Some(meta::namespace(claim)));
        all.into_iter()
            .filter(|pod| {
                !pods::is_finished(pod) && names_of(pod).any(|name| name == meta::name(claim))
            })
            .collect()
    }

    fn settle(&self, claim: &Value) -> Result<(), ApiError> {
        if meta::text(claim, "/status/phase") == "Bound" {
            return Ok(());
        }
        if meta::text(claim, "/spec/storageClassName") != STORAGE_CLASS {
            let class = meta::text(claim, "/spec/storageClassName");
            let text = format!("storageclass.storage.k8s.io {class:?} not found");
            self.recorder.warning(claim, "ProvisioningFailed", &text);
            return self.pend(claim);
        }
        if claim["metadata"]["annotations"][SELECTED_NODE].is_null() {
            self.recorder.normal(
                claim,
                "WaitForFirstConsumer",
                "waiting for first consumer to be created before binding",
            );
            return self.pend(claim);
        }
        self.bind(claim)
    }

    fn pend(&self, claim: &Value) -> Result<(), ApiError> {
        let set = |claim: &mut Value| claim["status"]["phase"] = "Pending".into();
        self.store.modify_status(&CLAIMS, meta::namespace(claim), meta::name(claim), set).map(drop)
    }

    fn bind(&self, claim: &Value) -> Result<(), ApiError> {
        let volume = format!("pvc-{}", meta::uid(claim));
        if self.store.get(&VOLUMES, "", &volume).is_none() {
            self.store.create(&VOLUMES, self.volume(claim, &volume)?)?;
            let bound = json!({"phase": "Bound", "lastPhaseTransitionTime": meta::now()});
            self.store
                .modify_status(&VOLUMES, "", &volume, |volume| volume["status"] = bound.clone())?;
            let external = Recorder::new(self.store.clone(), PROVISIONER);
            external.normal(
                claim,
                "ProvisioningSucceeded",
                &format!("Successfully provisioned volume {volume}"),
            );
        }
        let (ns, name) = (meta::namespace(claim), meta::name(claim));
        let own = |claim: &mut Value| {
            claim["spec"]["volumeName"] = volume.clone().into();
            let annotations = &mut claim["metadata"]["annotations"];
            annotations["pv.kubernetes.io/bind-completed"] = "yes".into();
            annotations["pv.kubernetes.io/bound-by-controller"] = "yes".into();
            annotations["volume.kubernetes.io/storage-provisioner"] = PROVISIONER.into();
        };
        self.store.modify(&CLAIMS, ns, name, own)?;
        let status = json!({
            "phase": "Bound", "accessModes": claim["spec"]["accessModes"],
            "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
        });
        self.store
            .modify_status(&CLAIMS, ns, name, |claim| claim["status"] = status.clone())
            .map(drop)
    }

    fn volume(&self, claim: &Value, name: &str) -> Result<Value, ApiError> {
        let made = self.supervisor.folder().make(folder_name(claim), self.supervisor.account());
        let folder = made.map_err(|error| ApiError::internal(&error.to_string()))?;
        Ok(json!({
            "metadata": {
                "name": name, "finalizers": [VOLUME_PROTECTION],
                "annotations": {"pv.kubernetes.io/provisioned-by": PROVISIONER},
            },
            "spec": {
                "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
                "accessModes": claim["spec"]["accessModes"], "volumeMode": "Filesystem",
                "persistentVolumeReclaimPolicy": "Delete", "storageClassName": STORAGE_CLASS,
                "hostPath": {"path": folder, "type": ""},
                "claimRef": {
                    "kind": "PersistentVolumeClaim", "apiVersion": "v1", "namespace": meta::namespace(claim),
                    "name": meta::name(claim), "uid": meta::uid(claim), "resourceVersion": claim["metadata"]["resourceVersion"],
                },
            },
        }))
    }

    /// Volumes whose claim is no more go, and their folders with them.
    fn reclaim(&self) -> Result<(), ApiError> {
        for volume in self.store.list(&VOLUMES, None).0 {
            let of = &volume["spec"]["claimRef"];
            let claim =
                self.store.get(&CLAIMS, meta::text(of, "/namespace"), meta::text(of, "/name"));
            let ours =
                volume["metadata"]["annotations"]["pv.kubernetes.io/provisioned-by"] == PROVISIONER;
            if ours && claim.is_none_or(|claim| *meta::uid(&claim) != of["uid"]) {
                self.erase(&volume)?;
            }
        }
        Ok(())
    }

    fn erase(&self, volume: &Value) -> Result<(), ApiError> {
        let folder = PathBuf::from(meta::text(volume, "/spec/hostPath/path"));
        if folder.starts_with(self.supervisor.folder().path()) {
            // A folder that stays goes with the lab.
            let _ = fs::remove_dir_all(&folder);
        }
        let strip = |volume: &mut Value| drop(meta::meta_mut(volume).shift_remove("finalizers"));
        self.store.modify(&VOLUMES, "", meta::name(volume), strip)?;
        self.store.remove(&VOLUMES, "", meta::name(volume), meta::uid(volume)).map(drop)
    }
}

/// Below the lab's folder. The uid keeps a later claim of the same name apart.
fn folder_name(claim: &Value) -> PathBuf {
    let uid: String = meta::uid(claim).chars().take(8).collect();
    PathBuf::from("claims").join(format!("{}-{}-{uid}", meta::namespace(claim), meta::name(claim)))
}

/// The claims that a pod names.
pub(super) fn names_of(pod: &Value) -> impl Iterator<Item = &str> {
    let volumes = pod["spec"]["volumes"].as_array().into_iter().flatten();
    volumes.filter_map(|volume| volume["persistentVolumeClaim"]["claimName"].as_str())
}

impl Controller for Claims {
    fn name(&self) -> &'static str {
        "persistentvolumeclaim"
    }

    fn concerned(&self, change: &Change) -> Vec<Key> {
        if change.kind.id() == CLAIMS.id() {
            return vec![Key::of(&change.object)];
        }
        if change.kind.id() != PODS.id() {
            return Vec::new();
        }
        let ns = meta::namespace(&change.object);
        names_of(&change.object).map(|name| Key::new(ns, name)).collect()
    }

    fn all(&self) -> Vec<Key> {
        pods::keys(&self.store, &CLAIMS)
    }

    fn reconcile(&mut self, key: &Key) -> Result<Next, ApiError> {
        match self.store.get(&CLAIMS, &key.ns, &key.name) {
            None => self.reclaim()?,
            Some(claim) if meta::is_deleting(&claim) => self.release(&claim)?,
            Some(claim) => {
                self.protect(&claim)?;
                if let Some(claim) = self.store.get(&CLAIMS, &key.ns, &key.name) {
                    self.settle(&claim)?;
                }
            }
        }
        Ok(Next::OnChange)
    }
}
