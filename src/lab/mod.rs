//! The rehearsal: a small true world on this machine, reached over the same wire as a real one.
//!
//! Real PostgreSQL servers, a Kubernetes API on loopback, an application that writes all the time and remembers
//! what was acknowledged. No other room knows that it exists.

pub mod cluster;
mod faults;
mod postgres;
pub(crate) mod process;
mod progress;
mod scenario;
#[cfg(test)]
mod scratch;
mod seed;
mod workload;
mod world;

pub use postgres::{Installation, Installations, PgVersion, PostgresError, Search};
pub use process::{JanitorCommand, ProcessError, clean_leftovers, janitor_main};
pub use progress::{Progress, Tell};
pub use scenario::{
    Application, Data, Edit, Expect, Overrides, Scenario, ScenarioError, Settled, scenario_names,
    script_of,
};
pub use seed::SeedError;
pub use workload::{
    Audit, AuditError, Entry, Felt, Outcome, Traffic, WorkloadError, audit, workload_main,
};
pub use world::{Environment, Lab, LabConfig, LabError, Versions};
