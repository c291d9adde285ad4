//! A request to the API server, by the words that RBAC uses for it.

use std::fmt;

/// Verb, resource and object of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The verb as RBAC knows it: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`.
    pub verb: &'static str,
    /// The resource in plural, with its group where it has one and its subresource: `deployments.apps/scale`.
    pub resource: String,
    /// The object, where one is meant.
    pub name: Option<String>,
    /// The namespace, where the resource has one.
    pub namespace: Option<String>,
}

impl Call {
    /// A request for a resource of the cluster's namespace, which [`Cluster::explain`](super::Cluster::explain) fills in.
    pub fn new(verb: &'static str, resource: impl Into<String>) -> Self {
        Self { verb, resource: resource.into(), name: None, namespace: None }
    }

    /// Names the object.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Says that the resource belongs to the cluster and not to a namespace.
    #[must_use]
    pub fn clusterwide(self) -> Self {
        self.within("")
    }

    /// Says the namespace.
    #[must_use]
    pub fn within(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.verb, self.resource)?;
        if let Some(name) = &self.name {
            write!(f, " `{name}`")?;
        }
        if let Some(namespace) = self.namespace.as_ref().filter(|name| !name.is_empty()) {
            write!(f, " in namespace `{namespace}`")?;
        }
        Ok(())
    }
}
