//! Objects of the tool's own, written with the `resourceVersion` that was read, so that of two writers one is refused.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::ResourceExt;
use kube::api::PostParams;
use serde::Serialize;

use crate::world::WorldError;

use super::call::Call;
use super::handle::Cluster;
use super::read::{Namespaced, resource};

impl Cluster {
    /// Creates the object where it has no `resourceVersion`, else replaces the one of that version. It gives back what
    /// stands there now.
    ///
    /// # Errors
    /// `Conflict` or `AlreadyExists` when somebody else was faster; whatever else the API server answers.
    pub(super) async fn put<K: Namespaced + Serialize>(&self, own: &K) -> Result<K, WorldError> {
        let (api, how, name) = (self.api::<K>(), PostParams::default(), own.name_any());
        let (verb, written) = match own.resource_version() {
            None => ("create", api.create(&how, own).await),
            Some(_) => ("update", api.replace(&name, &how, own).await),
        };
        let call = Call::new(verb, resource::<K>()).named(&name);
        written.map_err(|error| self.explain(call, error))
    }
}

/// What every one of them says of itself; an empty version is none.
pub(super) fn metadata(
    name: &str,
    version: &str,
    notes: impl IntoIterator<Item = (&'static str, String)>,
) -> ObjectMeta {
    let notes = notes.into_iter().map(|(name, note)| (name.to_owned(), note));
    let labels = [("app.kubernetes.io/managed-by".to_owned(), "pgcutover".to_owned())];
    ObjectMeta {
        name: Some(name.to_owned()),
        annotations: Some(notes.collect()),
        labels: Some(BTreeMap::from(labels)),
        resource_version: Some(version.to_owned()).filter(|version| !version.is_empty()),
        ..ObjectMeta::default()
    }
}
