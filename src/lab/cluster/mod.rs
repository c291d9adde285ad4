//! The lab's cluster: a Kubernetes API over HTTP, with what stands behind it.

mod apply;
mod assembly;
pub(crate) mod auth;
pub(crate) mod error;
mod http;
pub(crate) mod kind;
pub(crate) mod kubelet;
pub(crate) mod meta;
pub(crate) mod node;
mod patch;
pub(crate) mod reconcile;
pub(crate) mod recorder;
mod registry;
pub(crate) mod removal;
mod rules;
mod schema;
pub(crate) mod selector;
mod stamp;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub(crate) use assembly::{Cluster, ClusterConfig};
pub use http::{ApiServer, Effect, Fault, Faults, LoggedRequest, RequestLog, ServerOptions};
