//! Where things are kept, by the XDG base directories.

use std::env;
use std::path::PathBuf;

use etcetera::BaseStrategy;
use serde::Serialize;

use crate::error::Fault;
use crate::exit::Exit;
use crate::journal::Runs;
use crate::model::RunId;

/// The folders of this user.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Folders {
    /// A folder for each run, with its journal, report and audit.
    pub(super) runs: PathBuf,
    /// Logs, one file a day.
    pub(super) logs: PathBuf,
    /// What was fetched and can be fetched again.
    pub(super) cache: PathBuf,
}

impl Folders {
    /// Finds them; none is created.
    pub(super) fn find() -> Result<Self, Fault> {
        let base = etcetera::choose_base_strategy()
            .map_err(|error| Fault::from_error(Exit::Unexpected, &error).hint("set HOME"))?;
        let own = || base.state_dir().unwrap_or_else(|| base.data_dir()).join("pgcutover");
        let state = env::var_os("PGCUTOVER_STATE_DIR").filter(|folder| !folder.is_empty());
        let state = state.map_or_else(own, PathBuf::from);
        Ok(Self {
            runs: state.join("runs"),
            logs: state.join("logs"),
            cache: base.cache_dir().join("pgcutover"),
        })
    }

    /// The folder of a run.
    pub(super) fn of(&self, run: &RunId) -> PathBuf {
        Runs::at(&self.runs).folder_of(run)
    }
}
