//! What a step says to the world, in words that stand in its dialog.

use crate::model::StepId;
use std::collections::BTreeMap;

/// The statements and requests of each step.
pub type Acts = BTreeMap<StepId, Act>;

/// The statements and requests of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Act {
    /// With which it acts.
    pub runs: Vec<String>,
    /// With which it is undone.
    pub undoes: Vec<String>,
}
