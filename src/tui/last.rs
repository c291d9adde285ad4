//! How long steps took in an earlier run.

use std::collections::BTreeMap;
use std::time::Duration;

use super::state::UiState;
use super::view::words;
use crate::model::{RunId, StepId};
use crate::session::SessionMode;

/// How long the steps took in an earlier run that was finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastTimes {
    /// Its name.
    pub run: RunId,
    /// It was a rehearsal, whose data may be fewer than what is at stake.
    pub rehearsed: bool,
    /// From the first start of each step until it was done.
    pub took: BTreeMap<StepId, Duration>,
}

impl UiState {
    /// How long a step took, in a word or two: `last 3.2s`. A rehearsal's time is told as such where it is for real now.
    pub(super) fn last_time(&self, step: &StepId) -> Option<String> {
        let last = self.last.as_ref()?;
        let took = words::took(*last.took.get(step)?);
        let word = if last.rehearsed && self.mode != SessionMode::Rehearsal {
            "rehearsed"
        } else {
            "last"
        };
        Some(format!("{word} {took}"))
    }

    /// The same with the run that it was in.
    pub(super) fn last_time_of_run(&self, step: &StepId) -> Option<String> {
        let run = &self.last.as_ref()?.run;
        Some(format!("{}, in run {run}", self.last_time(step)?))
    }
}
