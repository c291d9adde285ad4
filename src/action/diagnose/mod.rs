//! Why a pod, a workload or a Job does not get on, in the cluster's own words, and how to mend it.
//!
//! Everything here is pure: pods, events and pod templates in, [`Finding`]s and [`Fix`](crate::model::Fix)es out. Who
//! waits decides with [`Patience`] how long a trouble may last before the step fails; meanwhile it is told as progress.

mod container;
mod events;
mod finding;
mod fix;
mod image;
mod log;
mod owner;
mod patience;
mod pod;
mod registry;
#[cfg(test)]
mod tests;

pub use finding::{Finding, PullRefusal, Trouble};
pub use fix::{Owner, fix};
pub use log::{PgDump, old_dump_client};
pub use owner::refusals;
pub use patience::Patience;
pub use pod::diagnose;
pub use registry::{PullSecret, PullSecrets, docker_config_registries, known_secrets, registry_of};
