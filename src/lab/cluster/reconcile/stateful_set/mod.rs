//! `StatefulSets`: pods with a name, an order and a claim of their own.
//!
//! <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/>

mod controller;
mod pod;
mod revision;

pub(super) use controller::StatefulSets;
