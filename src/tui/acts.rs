//! What a step says to the world, in words that stand in its dialog.

use crate::model::StepId;
use std::collections::BTreeMap;

/// The statements and requests of each step.
pub type Acts = BTreeMap<StepId, Act>;

/// The statements and requests of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Act {
    /// With which it acts.
    pub runs: Vec<Call>,
    /// With which it is undone.
    pub undoes: Vec<Call>,
}

/// A statement or a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// What it is for, or its beginning, in a line.
    pub line: String,
    /// All of it.
    pub whole: String,
}
