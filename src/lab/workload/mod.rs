//! The application of the lab: this binary again, under a hidden subcommand, as a pod of the world.
//!
//! It writes all the time and remembers what was acknowledged, so that at the end every acknowledged write can be
//! looked for on the side that serves.

mod audit;
mod database;
mod ledger;
mod log;
mod operation;
mod run;
mod serve;
mod settings;
#[cfg(test)]
mod tests;
mod traffic;
mod writer;

pub use audit::{Audit, AuditError, audit};
pub use ledger::{Entry, Outcome};
pub use run::{WorkloadError, workload_main};
pub(super) use settings::names;
pub use traffic::{Felt, Traffic};
