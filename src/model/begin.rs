//! Nothing changes before a person said so.
//!
//! Whoever opens a console may only want to look. So the first step that would change something, after a console began the
//! run or took it up again, asks at least for the key, and the first answer begins the run. What only looks goes on without
//! it, and so does an undo: writes are given back whether anybody is there or not. A script is its author's word, and waits
//! for nobody.

use super::runbook::{Confirm, Step};
use super::state::RunState;

impl RunState {
    /// Whether a step would be the first that changes something: no person has said yet that the run may.
    #[must_use]
    pub const fn begins_with(&self, step: &Step) -> bool {
        self.waits_to_begin && !step.verb.only_looks()
    }

    /// What must be answered before a step: what the runbook says, and where the run begins with it at least the key.
    #[must_use]
    pub fn asks(&self, step: &Step) -> Confirm {
        match &step.confirm {
            Confirm::None if self.begins_with(step) => Confirm::Enter,
            confirm => confirm.clone(),
        }
    }
}
