//! Watches the namespace: workloads, pods, claims, Jobs, the Service and where it leads, events, and a log.
//!
//! Nothing is polled. A watch that says nothing is alive as long as the API server answers; after an error it is begun anew,
//! so that what was missed meanwhile is seen.

mod beat;
mod follow;
mod job;
mod log;
mod logs;
mod objects;
mod pod;
mod workload;

pub(super) use beat::{Beat, beat};
pub(super) use logs::logs;
pub(super) use objects::{Post, claims, endpoints, events, jobs, pods, serving};
pub(super) use workload::workloads;
