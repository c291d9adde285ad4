//! What a lab is told, and what it tells.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use crate::lab::process::JanitorCommand;
use crate::lab::progress::Tell;
use crate::lab::scenario::Scenario;

/// How to start a lab.
#[derive(Clone)]
pub struct LabConfig {
    /// The profile whose world it is, by its name.
    pub profile: String,
    /// What happens in it.
    pub scenario: Scenario,
    /// How much data, as a multiple of the scenario's.
    pub scale: f64,
    /// PostgreSQL bin folders that the user named.
    pub bindirs: Vec<PathBuf>,
    /// Whether data directories and logs stay at the end.
    pub keep: bool,
    /// Where the lab's folder is made; the system's folder for temporary files when absent.
    pub base: Option<PathBuf>,
    /// This program, which plays the janitor and the application; the running one when absent.
    pub program: Option<PathBuf>,
    /// Takes what there is to say meanwhile.
    pub tell: Tell,
}

impl LabConfig {
    /// The world of a profile and scenario, with nothing else said.
    #[must_use]
    pub fn new(profile: &str, scenario: Scenario) -> Self {
        Self {
            profile: profile.to_owned(),
            scenario,
            scale: 1.0,
            bindirs: Vec::new(),
            keep: false,
            base: None,
            program: None,
            tell: Arc::new(|_| ()),
        }
    }

    /// The program that plays the lab's parts.
    pub(super) fn program(&self) -> std::io::Result<PathBuf> {
        self.program.clone().map_or_else(std::env::current_exe, Ok)
    }

    pub(super) fn janitor(&self) -> std::io::Result<JanitorCommand> {
        Ok(JanitorCommand { program: self.program()?, args: vec!["lab-janitor".into()] })
    }
}

impl std::fmt::Debug for LabConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LabConfig")
            .field("profile", &self.profile)
            .field("scenario", &self.scenario.name)
            .field("scale", &self.scale)
            .finish_non_exhaustive()
    }
}

/// The PostgreSQL versions that really run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Versions {
    /// Blue's, such as `15.18`.
    pub blue: String,
    /// Green's.
    pub green: String,
    /// pgvector's on green.
    pub vector: String,
}

/// How to find the lab from outside. It holds no secret: those are in the files that it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Environment {
    /// The profile.
    pub profile: String,
    /// The scenario.
    pub scenario: String,
    /// The kubeconfig of somebody who may do everything.
    pub kubeconfig: PathBuf,
    /// The namespace.
    pub namespace: String,
    /// The API server's address.
    pub server: String,
    /// The lab's folder: claims, logs, ledgers.
    pub folder: PathBuf,
    /// What really runs.
    pub versions: Versions,
}
