//! Watching a run that another console drives.

use jiff::Timestamp;

use super::msg::Follow;
use super::pace::Pace;
use super::proof::Proofs;
use super::state::UiState;
use crate::model::RunState;

/// Another console that drives the run.
#[derive(Debug, Clone)]
pub(super) struct Driver {
    pub(super) operator: String,
    /// When it was last looked at what it did.
    pub(super) looked: Timestamp,
}

impl UiState {
    /// Watches another run from now on, from its first fact.
    pub(super) fn follow(&mut self, follow: Follow) {
        let Follow { run, operator, runbook, acts } = follow;
        self.state = RunState::new(&runbook);
        (self.run, self.runbook, self.acts) = (run, runbook, acts);
        self.driver = Some(Driver { operator, looked: self.now });
        self.pace = Pace::default();
        self.proofs = Proofs::default();
        self.log.clear();
        self.details = None;
        self.ended = false;
        self.outdated = true;
    }

    /// The run that is watched was looked at.
    pub(super) const fn looked(&mut self, at: Timestamp) {
        if let Some(driver) = &mut self.driver {
            driver.looked = at;
        }
    }
}
