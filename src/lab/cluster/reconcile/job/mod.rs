//! Jobs: pods that are to finish, counted once each.
//!
//! A pod is held by a finalizer until it was counted, as in a real cluster since 1.26. Not known here: indexed completion, pod failure
//! policies, success policies, back-off per index; a Job that asks for one of them is told so by an event and makes no pods.
//!
//! <https://kubernetes.io/docs/concepts/workloads/controllers/job/>

mod controller;
mod tracking;
mod verdict;

pub(super) use controller::Jobs;
pub(super) use verdict::is_over;
