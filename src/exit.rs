//! The exit codes, one for each family of endings. They are part of the tool's contract.

use std::process::ExitCode;

use crate::model::{Mode, RunState, Runbook, StopReason, Verdict};

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
    /// Another operator holds the lease, or it could not be kept.
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
        (Self::LeaseHeld, "another operator holds the run, or its lease could not be kept"),
        (Self::ConfirmationMissing, "a confirmation is missing; the message names the flag"),
        (Self::OutcomeUnknown, "it is not known whether a step happened"),
        (Self::RecordingIncomplete, "the recording is incomplete"),
        (Self::Interrupted, "SIGINT before any change"),
        (Self::Terminated, "SIGTERM before any change"),
    ];

    /// What it means, in the words of the table.
    #[must_use]
    pub fn words(self) -> &'static str {
        Self::TABLE.iter().find_map(|(exit, words)| (*exit == self).then_some(*words)).unwrap_or("")
    }

    /// The number that the shell sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What a run that nobody drives any more means for the shell.
    ///
    /// A confirmation that is missing is told as such past the point of no return as well, as long as writes flow: an
    /// answer is all that is needed then, and nobody has to hurry.
    #[must_use]
    pub fn of(runbook: &Runbook, state: &RunState) -> Self {
        match state.mode() {
            Mode::Finished(Verdict::Done) => Self::Done,
            Mode::Finished(Verdict::Undone { .. }) => Self::Undone,
            Mode::Finished(Verdict::NotUndone { .. }) => Self::NotUndone,
            // Whoever holds it now answers for it.
            Mode::Stopped(StopReason::LeaseHeld { .. }) => Self::LeaseHeld,
            Mode::Stopped(StopReason::ConfirmationMissing { .. })
                if state.writes_stopped_at.is_none() && state.undoing.is_none() =>
            {
                Self::ConfirmationMissing
            }
            Mode::Stopped(_) if state.past_return || state.undoing.is_some() => Self::NotUndone,
            Mode::Stopped(reason) => Self::of_stop(reason, changed(runbook, state)),
            Mode::New | Mode::Forward | Mode::Undoing => Self::OutcomeUnknown,
        }
    }

    /// A signal that came before anything was changed.
    #[must_use]
    pub const fn of_signal(signal: i32) -> Self {
        if signal == 15 { Self::Terminated } else { Self::Interrupted }
    }

    fn of_stop(reason: &StopReason, changed: bool) -> Self {
        match reason {
            StopReason::GateHeld { .. } => Self::GateHeld,
            StopReason::ConfirmationMissing { .. } => Self::ConfirmationMissing,
            StopReason::ContentDiffers { .. } => Self::Differs,
            StopReason::OutcomeUnknown { .. } => Self::OutcomeUnknown,
            StopReason::OutsideWindow => Self::OutsideWindow,
            StopReason::LeaseHeld { .. } | StopReason::LeaseLost { .. } => Self::LeaseHeld,
            StopReason::StepFailed { .. }
            | StopReason::Diverged { .. }
            | StopReason::Detached
            | StopReason::Signal(_)
                if changed =>
            {
                Self::NotUndone
            }
            StopReason::StepFailed { .. } | StopReason::Diverged { .. } => Self::Unexpected,
            StopReason::Signal(signal) => Self::of_signal(*signal),
            StopReason::Detached => Self::Interrupted,
        }
    }
}

/// Whether something may be otherwise than it was before the run.
fn changed(runbook: &Runbook, state: &RunState) -> bool {
    runbook.steps().any(|(_, step)| !step.verb.only_looks() && state.step(&step.id).touched)
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{at, events, runbook};
    use crate::model::{Confirm, EventKind, Failure, FailureKind, Verb};

    /// The sample with a last step behind the point of no return, and a first one that changes something.
    fn book() -> Runbook {
        let mut book = runbook();
        let mut after = book.phases[0].clone();
        after.id = "after".into();
        after.steps[0].id = "clean".into();
        after.steps[0].confirm = Confirm::Yes;
        book.phases.push(after);
        book.phases[0].steps[0].verb = Verb::Manual { instruction: "do it".into() };
        book.phases[1].steps[1].resumes_writes = true;
        book
    }

    /// The exit code of a run that is stopped behind its last event.
    fn stopped(done: &[&str], last: EventKind, reason: StopReason) -> Exit {
        let book = book();
        let mut events = events(&book, done, last);
        events.push(at(events.len() as u64 + 1, EventKind::RunStopped { reason }));
        Exit::of(&book, &RunState::fold(&book, &events).unwrap())
    }

    #[test]
    fn a_failure_that_may_have_left_something_behind_needs_a_human() {
        let failed = |failure| {
            let failed = EventKind::StepFailed { step: "prepare".into(), failure };
            stopped(&[], failed, StopReason::StepFailed { step: "prepare".into() })
        };
        let failure = Failure::new(FailureKind::Forbidden, "no");
        assert_eq!(failed(failure.clone()), Exit::NotUndone);
        assert_eq!(failed(failure.without_effects()), Exit::Unexpected);
    }

    #[test]
    fn a_confirmation_is_missing_past_the_point_of_no_return_too_while_writes_flow() {
        let asked = EventKind::ConfirmationAsked { step: "clean".into(), confirm: Confirm::Yes };
        let missing = StopReason::ConfirmationMissing { step: "clean".into() };
        let done = ["prepare", "stop", "switch"];
        assert_eq!(stopped(&done, asked.clone(), missing), Exit::ConfirmationMissing);
        assert_eq!(stopped(&done, asked, StopReason::Signal(15)), Exit::NotUndone);
    }

    #[test]
    fn a_signal_is_told_by_its_number_where_nothing_was_changed() {
        let started = EventKind::PhaseStarted { phase: "before".into() };
        let book = book();
        let mut events =
            events(&book, &[], EventKind::RunResumed { operator: "bob".into(), attended: false });
        events.truncate(1);
        events.push(at(2, started));
        events.push(at(3, EventKind::RunStopped { reason: StopReason::Signal(15) }));
        assert_eq!(Exit::of(&book, &RunState::fold(&book, &events).unwrap()), Exit::Terminated);
    }
}
