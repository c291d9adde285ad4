//! Why a world did not start, or could not be asked.

use std::path::PathBuf;

use crate::lab::cluster::node::NodeError;
use crate::lab::postgres::PostgresError;
use crate::lab::process::ProcessError;
use crate::lab::scenario::ScenarioError;
use crate::lab::seed::SeedError;
use crate::lab::workload::AuditError;

/// Why a world did not start, or could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// There is no world for this profile.
    #[error("there is no rehearsal world for `{profile}`\nhint: there are worlds for {known}")]
    NoWorld {
        /// The profile.
        profile: String,
        /// What there is.
        known: String,
    },
    /// The installations are missing.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// A process or folder could not be had.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The node could not be had.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The scenario is wrong.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// Blue could not be filled.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// The end cannot be judged.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// A manifest was refused.
    #[error("`{path}`: {why}")]
    Manifest {
        /// The manifest.
        path: String,
        /// Why.
        why: String,
    },
    /// The lab's own API refused something.
    #[error("the lab's API: {0}")]
    Api(String),
    /// Something did not come up in time.
    #[error("{what} did not become ready in {seconds} s: {why}")]
    NotReady {
        /// What.
        what: String,
        /// How long was waited.
        seconds: u64,
        /// What it says about itself.
        why: String,
    },
    /// A file could not be written.
    #[error("cannot write `{path}`: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}
