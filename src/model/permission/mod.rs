//! What a runbook needs to be allowed: of the API server as RBAC names it, and of the databases.
//!
//! It is derived from verbs, gates, the way to the databases and what is observed, so that preflight can ask for each of
//! them before anything is changed, and `plan -o rbac` can print a Role with nothing in it that is not used.

mod cluster;
mod database;
mod needs;

use std::fmt;

use serde::Serialize;

pub use database::{Grant as SqlGrant, SqlPrivilege};

/// A request that the API server must allow, by the words of RBAC.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Permission {
    /// The kind has no namespace, so that a `ClusterRole` is needed.
    pub cluster_wide: bool,
    /// The API group; empty for the core group.
    pub group: String,
    /// The resource in the plural.
    pub resource: String,
    /// The subresource, such as `scale`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subresource: Option<String>,
    /// The object, where one name is enough. RBAC cannot name what is created, nor what is listed by labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `get`, `list`, `watch`, `create`, `update`, `patch` or `delete`.
    pub verb: &'static str,
}

impl Permission {
    /// The resource with its subresource as a Role writes it: `deployments/scale`.
    #[must_use]
    pub fn path(&self) -> String {
        match &self.subresource {
            Some(subresource) => format!("{}/{subresource}", self.resource),
            None => self.resource.clone(),
        }
    }

    /// Whether whoever has this one has the other too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self == other || (self.name.is_none() && *self == Self { name: None, ..other.clone() })
    }

    /// The resource with its group and subresource: `deployments.apps/scale`, `pods`.
    #[must_use]
    pub fn qualified(&self) -> String {
        let dot = if self.group.is_empty() { "" } else { "." };
        let slash = self.subresource.as_ref().map_or_else(String::new, |sub| format!("/{sub}"));
        format!("{}{dot}{}{slash}", self.resource, self.group)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.qualified())?;
        self.name.as_ref().map_or(Ok(()), |name| write!(f, " `{name}`"))
    }
}
