//! The lab's cluster: a Kubernetes API over HTTP, with what stands behind it.

pub(crate) mod error;
pub(crate) mod kind;
pub(crate) mod kubelet;
pub(crate) mod meta;
pub(crate) mod removal;
mod stamp;
pub(crate) mod store;
