//! The exit codes, one for each family of endings. They are part of the tool's contract.

use std::process::ExitCode;

use crate::model::{Mode, RunState, StopReason, Verdict};

/// How the process ended, for a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Done, or everything is equal.
    Done = 0,
    /// Something unexpected.
    Unexpected = 1,
    /// The command line, the profile or the script is wrong.
    Usage = 2,
    /// A gate is held; nothing was changed behind it.
    GateHeld = 10,
    /// The content of blue and green differs.
    Differs = 11,
    /// Undone: blue serves.
    Undone = 12,
    /// Not undone: a human is needed.
    NotUndone = 13,
    /// Outside the maintenance window.
    OutsideWindow = 14,
    /// Another operator holds the lease.
    LeaseHeld = 15,
    /// A confirmation is missing; the message names the flag.
    ConfirmationMissing = 16,
    /// It is not known whether a step happened.
    OutcomeUnknown = 17,
    /// The recording is incomplete.
    RecordingIncomplete = 20,
    /// SIGINT before any change.
    Interrupted = 130,
    /// SIGTERM before any change.
    Terminated = 143,
}

impl Exit {
    /// All of them with the words that the man page uses.
    pub const TABLE: [(Self, &str); 14] = [
        (Self::Done, "done, or everything is equal"),
        (Self::Unexpected, "unexpected error"),
        (Self::Usage, "wrong usage, profile or script"),
        (Self::GateHeld, "a gate is held; nothing was changed behind it"),
        (Self::Differs, "the content of blue and green differs"),
        (Self::Undone, "undone: blue serves"),
        (Self::NotUndone, "not undone: a human is needed"),
        (Self::OutsideWindow, "outside the maintenance window"),
        (Self::LeaseHeld, "another operator holds the lease"),
        (Self::ConfirmationMissing, "a confirmation is missing; the message names the flag"),
        (Self::OutcomeUnknown, "it is not known whether a step happened"),
        (Self::RecordingIncomplete, "the recording is incomplete"),
        (Self::Interrupted, "SIGINT before any change"),
        (Self::Terminated, "SIGTERM before any change"),
    ];

    /// The number that the shell sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What a run that nobody drives any more means for the shell.
    #[must_use]
    pub fn of(state: &RunState) -> Self {
        match state.mode() {
            Mode::Finished(Verdict::Done) => Self::Done,
            Mode::Finished(Verdict::Undone { .. }) => Self::Undone,
            Mode::Finished(Verdict::NotUndone { .. }) => Self::NotUndone,
            Mode::Stopped(_) if state.past_return || state.undoing.is_some() => Self::NotUndone,
            Mode::Stopped(reason) => Self::of_stop(reason, touched(state)),
            Mode::New | Mode::Forward | Mode::Undoing => Self::OutcomeUnknown,
        }
    }

    /// A signal that came before anything was changed.
    #[must_use]
    pub const fn of_signal(signal: i32) -> Self {
        if signal == 15 { Self::Terminated } else { Self::Interrupted }
    }

    fn of_stop(reason: &StopReason, touched: bool) -> Self {
        match reason {
            StopReason::GateHeld { .. } => Self::GateHeld,
            StopReason::ConfirmationMissing { .. } => Self::ConfirmationMissing,
            StopReason::ContentDiffers { .. } => Self::Differs,
            StopReason::OutcomeUnknown { .. } => Self::OutcomeUnknown,
            StopReason::OutsideWindow => Self::OutsideWindow,
            StopReason::LeaseHeld { .. } => Self::LeaseHeld,
            StopReason::StepFailed { .. } | StopReason::Diverged { .. } => Self::Unexpected,
            StopReason::Detached | StopReason::Signal(_) if touched => Self::NotUndone,
            StopReason::Signal(signal) => Self::of_signal(*signal),
            StopReason::Detached => Self::Interrupted,
        }
    }
}

fn touched(state: &RunState) -> bool {
    state.steps.values().any(|step| step.touched)
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
