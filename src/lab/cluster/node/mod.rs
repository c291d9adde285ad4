//! The node: a pod is a handful of processes on this machine.
//!
//! True: the processes and their exit codes, signals and grace periods, restarts with back-off, init containers, probes, logs, addresses
//! (each pod has one of its own in 127.0.0.0/8), claims as folders, Secrets and `ConfigMaps` in the environment and as files, the pull secrets
//! that a registry asks for, the texts of events and statuses.
//!
//! Likeness only, since nothing here needs privileges:
//!
//! - there is no image: a name stands for an installation on this machine, and a container sees the machine's files;
//! - there are no mounts and there is no DNS: paths and names are replaced in commands, arguments, environment and scripts
//!   ([`translate`]), so a program that composes them by itself finds nothing;
//! - one address for all pods' clients: a connection comes from 127.0.0.1, but one through a Service comes from its pod's address, where
//!   the process on the other end can be found out ([`forward`]);
//! - no limits of memory or processor, no security contexts, no user ids, no lifecycle hooks, no sidecar init containers, no ephemeral
//!   containers; files of `ConfigMaps` and Secrets stay as they were when the container started;
//! - back-off and first probes are quicker than on a real node ([`Pace`]).

mod address;
mod container;
mod environment;
mod error;
mod expand;
mod fetch;
mod forward;
mod health;
mod hooks;
mod image;
mod log;
mod names;
#[expect(clippy::module_inception, reason = "the node itself, beside what it is made of")]
mod node;
mod pace;
mod pod;
mod probe;
mod pull;
mod run;
mod serve;
mod status;
mod translate;
mod volume;

pub(crate) use address::{Block, PodAddresses};
pub(crate) use error::NodeError;
pub(crate) use forward::Proxy;
pub(crate) use hooks::Hooks;
#[cfg(test)]
pub(crate) use hooks::PodPattern;
pub(crate) use image::{ImageSpec, Images};
pub(crate) use node::{NODE, Node, NodeParts};
pub(crate) use pace::Pace;
