//! The facts of a run.
//!
//! An event is checked against the fold, appended and synced to the journal, folded, then told. [`EventKind::is_durable`]
//! says which of them may be lost.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::command::{Decision, StopReason};
use super::evidence::Judgement;
use super::failure::{Failure, Outcome, Progress};
use super::id::{Digest, PhaseId, Seq, StepId};
use super::runbook::Confirm;
use super::state::Verdict;

/// A fact with its place and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its place in the journal; an event that is told but not kept carries the last durable one's.
    pub seq: Seq,
    /// When it happened, by the clock of the machine that drives the run.
    pub at: Timestamp,
    /// How long after the run's first event, by a clock that does not jump while the console lives.
    pub elapsed: Duration,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// Whether gates were looked at before a step or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Before the verb.
    Before,
    /// After the verb: its expectations.
    After,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum EventKind {
    /// The run began. Where it is `attended`, a person is asked before anything changes.
    RunStarted {
        profile: String,
        plan: Digest,
        operator: String,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        attended: bool,
    },
    /// A console took the run up again, `attended` as above. Steps that were running are in doubt from here on.
    RunResumed {
        operator: String,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        attended: bool,
    },
    /// The run was left without an end; it can be resumed.
    RunStopped { reason: StopReason },
    /// A phase began.
    PhaseStarted { phase: PhaseId },
    /// All steps of a phase are done or skipped.
    PhaseFinished { phase: PhaseId },
    /// Gates hold a step. Told whenever what is seen changes, kept when another gate holds; never synced.
    GateHeld { step: StepId, when: When, judgements: Vec<Judgement> },
    /// All gates of a step are open.
    GatePassed { step: StepId, when: When, judgements: Vec<Judgement> },
    /// The operator was asked.
    ConfirmationAsked { step: StepId, confirm: Confirm },
    /// The operator said yes.
    Confirmed { step: StepId, by: String },
    /// The operator said no, or something that is not the answer, or a decision that cannot be taken.
    Declined { step: StepId, why: String },
    /// A command that speaks of no step cannot be followed now. Told, not kept.
    Refused { command: String, why: String },
    /// A step is about to act. `before` is what its undo needs to know.
    StepStarted { step: StepId, attempt: u32, before: Value },
    /// A running step tells how far it is. Told, not kept.
    StepProgress { step: StepId, progress: Progress },
    /// A step is done.
    StepFinished { step: StepId, outcome: Outcome },
    /// A step failed; unless its failure says otherwise it may have had effects.
    StepFailed { step: StepId, failure: Failure },
    /// Nobody knows whether a step happened: the world was asked and could not tell.
    StepInDoubt { step: StepId, failure: Failure },
    /// The operator, or the runbook, decided what happens with a failed step.
    Decided { step: StepId, decision: Decision, by: String },
    /// The run goes on without a step.
    StepSkipped { step: StepId, why: String },
    /// The operator aborted.
    Aborted { by: String, why: String },
    /// A step's undo is about to act.
    UndoStarted { step: StepId },
    /// A step was undone.
    UndoFinished { step: StepId, outcome: Outcome },
    /// A step could not be undone.
    UndoFailed { step: StepId, failure: Failure },
    /// Time ran out: the window's write-stop budget, or a phase's own.
    BudgetExceeded { phase: Option<PhaseId>, budget: Duration },
    /// A phase was not done by its checkpoint.
    CheckpointMissed { phase: PhaseId, checkpoint: Duration },
    /// The run has ended.
    RunFinished { verdict: Verdict },
}

impl EventKind {
    /// Whether the event is synced to the journal before the next action. The others may be lost.
    #[must_use]
    pub const fn is_durable(&self) -> bool {
        !matches!(self, Self::StepProgress { .. } | Self::GateHeld { .. } | Self::Refused { .. })
    }

    /// Whether a step or its undo begins or ends with it, or the run does: the places that one jumps to in a recording.
    #[must_use]
    pub const fn is_edge(&self) -> bool {
        matches!(
            self,
            Self::RunStarted { .. }
                | Self::RunResumed { .. }
                | Self::RunStopped { .. }
                | Self::StepStarted { .. }
                | Self::StepFinished { .. }
                | Self::StepFailed { .. }
                | Self::StepInDoubt { .. }
                | Self::StepSkipped { .. }
                | Self::Aborted { .. }
                | Self::UndoStarted { .. }
                | Self::UndoFinished { .. }
                | Self::UndoFailed { .. }
                | Self::RunFinished { .. }
        )
    }

    /// The event's name, as its `type` in the journal.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RunStarted { .. } => "run-started",
            Self::RunResumed { .. } => "run-resumed",
            Self::RunStopped { .. } => "run-stopped",
            Self::PhaseStarted { .. } => "phase-started",
            Self::PhaseFinished { .. } => "phase-finished",
            Self::GateHeld { .. } => "gate-held",
            Self::GatePassed { .. } => "gate-passed",
            Self::ConfirmationAsked { .. } => "confirmation-asked",
            Self::Confirmed { .. } => "confirmed",
            Self::Declined { .. } => "declined",
            Self::Refused { .. } => "refused",
            Self::StepStarted { .. } => "step-started",
            Self::StepProgress { .. } => "step-progress",
            Self::StepFinished { .. } => "step-finished",
            Self::StepFailed { .. } => "step-failed",
            Self::StepInDoubt { .. } => "step-in-doubt",
            Self::Decided { .. } => "decided",
            Self::StepSkipped { .. } => "step-skipped",
            Self::Aborted { .. } => "aborted",
            Self::UndoStarted { .. } => "undo-started",
            Self::UndoFinished { .. } => "undo-finished",
            Self::UndoFailed { .. } => "undo-failed",
            Self::BudgetExceeded { .. } => "budget-exceeded",
            Self::CheckpointMissed { .. } => "checkpoint-missed",
            Self::RunFinished { .. } => "run-finished",
        }
    }

    /// The step that it speaks of.
    #[must_use]
    pub const fn step(&self) -> Option<&StepId> {
        match self {
            Self::GateHeld { step, .. }
            | Self::GatePassed { step, .. }
            | Self::ConfirmationAsked { step, .. }
            | Self::Confirmed { step, .. }
            | Self::Declined { step, .. }
            | Self::StepStarted { step, .. }
            | Self::StepProgress { step, .. }
            | Self::StepFinished { step, .. }
            | Self::StepFailed { step, .. }
            | Self::StepInDoubt { step, .. }
            | Self::Decided { step, .. }
            | Self::StepSkipped { step, .. }
            | Self::UndoStarted { step }
            | Self::UndoFinished { step, .. }
            | Self::UndoFailed { step, .. } => Some(step),
            Self::RunStarted { .. }
            | Self::RunResumed { .. }
            | Self::RunStopped { .. }
            | Self::PhaseStarted { .. }
            | Self::PhaseFinished { .. }
            | Self::Refused { .. }
            | Self::Aborted { .. }
            | Self::BudgetExceeded { .. }
            | Self::CheckpointMissed { .. }
            | Self::RunFinished { .. } => None,
        }
    }
}
