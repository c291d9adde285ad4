//! The cluster's handle.

use std::fmt;
use std::sync::Arc;

use k8s_openapi::NamespaceResourceScope;
use kube::api::{Api, DynamicObject};
use kube::{Client, Resource};

use crate::model::ObjectRef;
use crate::world::{Access, Calls, Target, WorldError};

use super::call::Call;
use super::config::{self, Origin};
use super::courier::Courier;
use super::explain::explain;
use super::kinds::{self, Kind};

/// The cluster, as one user sees one namespace of it. Cloning it is cheap.
#[derive(Clone)]
pub struct Cluster {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    namespace: String,
    access: Access,
    origin: Origin,
    server: String,
    calls: Calls,
}

impl Cluster {
    /// Reads the configuration and makes a client; sends nothing.
    ///
    /// The client refuses what its access does not allow before it is sent, bounds every request, tries reads again
    /// while the API server restarts, and reads the kubeconfig anew when its token has expired.
    ///
    /// # Errors
    /// A kubeconfig that cannot be read, or that lacks the context.
    pub async fn connect(
        target: &Target,
        namespace: &str,
        access: Access,
    ) -> Result<Self, WorldError> {
        // Where another part of the program chose a provider already, that one stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let found = config::find(target).await?;
        let namespace = target.namespace.clone().unwrap_or_else(|| namespace.to_owned());
        let server = found.config.cluster_url.to_string().trim_end_matches('/').to_owned();
        let calls = Calls::default();
        let courier = Courier::new(target.clone(), access, found.config, calls.clone())?;
        let client = Client::new(courier, namespace.clone());
        let origin = found.origin;
        Ok(Self { inner: Arc::new(Inner { client, namespace, access, origin, server, calls }) })
    }

    /// kube's client, for what this handle has no word for. Its errors go through [`Cluster::explain`].
    #[must_use]
    pub fn client(&self) -> Client {
        self.inner.client.clone()
    }

    /// The namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.inner.namespace
    }

    /// What may be done.
    #[must_use]
    pub fn access(&self) -> Access {
        self.inner.access
    }

    /// Where the client's configuration was found.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.inner.origin
    }

    /// The API server's address.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.inner.server
    }

    /// What was said through this handle, and through the stores that are reached by it.
    #[must_use]
    pub fn calls(&self) -> &Calls {
        &self.inner.calls
    }

    /// The UID of namespace `kube-system`, which tells one cluster from another; nothing where it may not be read.
    pub async fn uid(&self) -> Option<String> {
        let api: Api<k8s_openapi::api::core::v1::Namespace> = Api::all(self.client());
        api.get_opt("kube-system").await.ok()??.metadata.uid
    }

    /// Whether we run in a pod of this cluster, so that addresses of pods and Services can be reached.
    #[must_use]
    pub fn is_inside(&self) -> bool {
        self.inner.origin == Origin::InCluster || config::runs_in(&self.inner.server)
    }

    /// The namespace's objects of a type.
    #[must_use]
    pub fn api<K>(&self) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope>,
        K::DynamicType: Default,
    {
        Api::namespaced(self.client(), self.namespace())
    }

    /// Objects of any kind, in the namespace where the kind has one.
    ///
    /// # Errors
    /// A kind that the API server does not know.
    pub async fn dynamic(
        &self,
        api_version: &str,
        kind: &str,
    ) -> Result<Api<DynamicObject>, WorldError> {
        let kind = self.kind(api_version, kind).await?;
        Ok(if kind.namespaced {
            Api::namespaced_with(self.client(), self.namespace(), &kind.resource)
        } else {
            Api::all_with(self.client(), &kind.resource)
        })
    }

    /// The resource of an object as RBAC names it, such as `deployments.apps`.
    ///
    /// # Errors
    /// A kind that the API server does not know.
    pub async fn resource_of(&self, object: &ObjectRef) -> Result<String, WorldError> {
        let kind = self.kind(&object.api_version, &object.kind).await?;
        Ok(kinds::rbac_name(&kind.resource))
    }

    async fn kind(&self, api_version: &str, kind: &str) -> Result<Kind, WorldError> {
        if let Some(kind) = kinds::known(api_version, kind) {
            return Ok(kind);
        }
        let gvk = kinds::gvk(api_version, kind);
        let call = Call::new("get", format!("/apis/{api_version}"));
        let (resource, capabilities) = kube::discovery::pinned_kind(&self.client(), &gvk)
            .await
            .map_err(|error| self.explain(call, error))?;
        let namespaced = capabilities.scope == kube::discovery::Scope::Namespaced;
        Ok(Kind { resource, namespaced })
    }

    /// kube's error as ours: with the server's own message, what was asked, and what to do.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
    pub fn explain(&self, call: Call, error: kube::Error) -> WorldError {
        explain(self, call, &error)
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("server", &self.inner.server)
            .field("namespace", &self.inner.namespace)
            .field("access", &self.inner.access)
            .field("origin", &self.inner.origin)
            .finish_non_exhaustive()
    }
}
