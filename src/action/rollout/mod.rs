//! Waiting until a workload runs what its template says, or until no pod of it is left.
//!
//! Calls: `get`, `list`, `watch` `deployments.apps` or `statefulsets.apps`; `list`, `watch` `replicasets.apps`; `list`,
//! `watch` `pods`; `list` `events`; `get` `pods/log` when a container crashes.

mod crew;
mod gone;
mod settled;
mod status;

pub(super) use gone::pods_gone;
pub(super) use settled::settled;
