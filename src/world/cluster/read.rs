//! Reads: one object or all of them, a page at a time.

use std::fmt::Debug;

use k8s_openapi::NamespaceResourceScope;
use kube::Resource;
use kube::api::{Api, DynamicObject, ListParams};
use serde::de::DeserializeOwned;

use crate::model::ObjectRef;
use crate::world::WorldError;

use super::call::Call;
use super::handle::Cluster;

/// How many objects one answer holds; kubectl's `--chunk-size`.
const PAGE: u32 = 500;

/// A type whose objects can be read from the namespace.
pub trait Namespaced:
    Resource<Scope = NamespaceResourceScope, DynamicType = ()>
    + Clone
    + DeserializeOwned
    + Debug
    + Send
    + Sync
    + 'static
{
}

impl<K> Namespaced for K where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>
        + Clone
        + DeserializeOwned
        + Debug
        + Send
        + Sync
        + 'static
{
}

/// The resource of a type as RBAC names it.
pub(super) fn resource<K: Namespaced>() -> String {
    let (plural, group) = (K::plural(&()), K::group(&()));
    if group.is_empty() { plural.into_owned() } else { format!("{plural}.{group}") }
}

impl Cluster {
    /// An object, or nothing when there is none of that name.
    ///
    /// # Errors
    /// Whatever the API server answers but 404.
    pub async fn get<K: Namespaced>(&self, name: &str) -> Result<Option<K>, WorldError> {
        let call = Call::new("get", resource::<K>()).named(name);
        self.api::<K>().get_opt(name).await.map_err(|error| self.explain(call, error))
    }

    /// An object that must be there.
    ///
    /// # Errors
    /// Whatever the API server answers, 404 included.
    pub async fn require<K: Namespaced>(&self, name: &str) -> Result<K, WorldError> {
        let call = Call::new("get", resource::<K>()).named(name);
        self.api::<K>().get(name).await.map_err(|error| self.explain(call, error))
    }

    /// An object of any kind, or nothing when there is none of that name.
    ///
    /// # Errors
    /// A kind that the API server does not know, or whatever it answers but 404.
    pub async fn get_object(
        &self,
        object: &ObjectRef,
    ) -> Result<Option<DynamicObject>, WorldError> {
        let api = self.dynamic(&object.api_version, &object.kind).await?;
        let call = Call::new("get", self.resource_of(object).await?).named(&object.name);
        api.get_opt(&object.name).await.map_err(|error| self.explain(call, error))
    }

    /// All objects that a label selector picks; an empty selector picks all.
    ///
    /// # Errors
    /// Whatever the API server answers.
    pub async fn list<K: Namespaced>(&self, labels: &str) -> Result<Vec<K>, WorldError> {
        self.list_with(&ListParams::default().labels(labels)).await
    }

    /// All objects that the parameters pick, whatever their number.
    ///
    /// # Errors
    /// Whatever the API server answers. A list whose continuation expired (410) is begun again.
    pub async fn list_with<K: Namespaced>(
        &self,
        params: &ListParams,
    ) -> Result<Vec<K>, WorldError> {
        let api: Api<K> = self.api();
        let mut tries = 3;
        loop {
            match pages(&api, params).await {
                Err(kube::Error::Api(status)) if status.code == 410 && tries > 0 => tries -= 1,
                Ok(all) => return Ok(all),
                Err(error) => return Err(self.explain(Call::new("list", resource::<K>()), error)),
            }
        }
    }
}

async fn pages<K: Namespaced>(api: &Api<K>, params: &ListParams) -> Result<Vec<K>, kube::Error> {
    let mut params = params.clone().limit(PAGE);
    let mut all = Vec::new();
    loop {
        let page = api.list(&params).await?;
        all.extend(page.items);
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => params = params.continue_token(&token),
            None => return Ok(all),
        }
    }
}
