//! What an operator can say to a run.

use serde::{Deserialize, Serialize};

use super::id::{Seq, StepId};

/// A front end's word to the engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Answers the confirmation that a step asked for.
    Answer {
        /// The step.
        step: StepId,
        /// The answer.
        answer: Answer,
        /// The [`Seq`] of the question that is answered, so that a late answer to an older one is refused.
        asked: Seq,
    },
    /// Looks once more at the gates of a step that asks: open ones are told anew and the question stays, a shut one takes it back.
    Look {
        /// The step.
        step: StepId,
    },
    /// Decides what happens after a step failed or is in doubt.
    Decide {
        /// The step.
        step: StepId,
        /// The decision.
        decision: Decision,
    },
    /// Undoes everything that was done; after the point of no return, ends the run with a verdict.
    Abort {
        /// Why, for the journal.
        why: String,
    },
    /// Ends the run here without undoing; it can be resumed.
    Stop {
        /// Why.
        reason: StopReason,
    },
    /// The operator is gone and answers nothing any more.
    Leave,
}

/// An answer to a confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The key.
    Enter,
    /// What was typed: `yes`, or the name of the thing.
    Typed(String),
    /// No.
    Cancel,
}

/// What to do with a step that failed or is in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Runs it again.
    Retry,
    /// Applies the offered [`Mend`](super::Mend), then runs it again.
    Mend,
    /// Goes on without it.
    Skip,
    /// Says of a step in doubt that it did happen.
    Happened,
    /// Undoes everything.
    Undo,
}

/// Why a run stopped without an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// A gate stayed shut for longer than the script waits.
    GateHeld {
        /// The step that it holds.
        step: StepId,
    },
    /// The script has no answer for a confirmation.
    ConfirmationMissing {
        /// The step that asks.
        step: StepId,
    },
    /// The content of blue and green differs.
    ContentDiffers {
        /// The step that found it.
        step: StepId,
    },
    /// A step failed and the script does not say what to do.
    StepFailed {
        /// The step.
        step: StepId,
    },
    /// A step is in doubt, and the world cannot tell whether it happened.
    OutcomeUnknown {
        /// The step.
        step: StepId,
    },
    /// The script and reality differ.
    Diverged {
        /// The first difference.
        difference: String,
    },
    /// The maintenance window is shut.
    OutsideWindow,
    /// Another operator holds the lease.
    LeaseHeld {
        /// Who, where and since when.
        holder: String,
    },
    /// The lease could not be renewed in time, so that another operator may take it.
    LeaseLost {
        /// Why not.
        why: String,
    },
    /// The operator left.
    Detached,
    /// A signal, by its number.
    Signal(i32),
}
