//! Deployments: a ReplicaSet for every template, and the way from the old ones to the new one.
//!
//! <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/>

mod controller;
pub(super) mod hash;
mod plan;
mod status;

pub(super) use controller::Deployments;
