//! Whether the keys that change something do so: a session that has controls starts safe and is armed for a time.

use std::time::Duration;

use jiff::Timestamp;

use super::state::UiState;
use super::theme::Role;
use crate::model::StepStatus;
use crate::session::SessionMode;

/// For how long a session is armed when no window says until when.
const HOUR: Duration = Duration::from_secs(3600);

/// What may be changed from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arming {
    /// Nothing, and that cannot be lifted: the session has no controls.
    ReadOnly,
    /// Nothing until it is armed.
    Safe,
    /// What the dialogs ask for, until then.
    Armed {
        /// When it falls back to safe.
        until: Timestamp,
    },
}

impl UiState {
    /// How a session begins. A rehearsal begins armed: nothing real is at stake, and what is rehearsed are the dialogs.
    pub(super) fn first_arming(&self) -> Arming {
        match self.mode {
            _ if !self.controls => Arming::ReadOnly,
            SessionMode::Rehearsal => Arming::Armed { until: self.armed_until() },
            _ => Arming::Safe,
        }
    }

    /// Until when it would be armed now: until the window closes, where one is open; for an hour where none closes.
    pub(super) fn armed_until(&self) -> Timestamp {
        let closes = self.runbook.window.closes.filter(|closes| *closes > self.now);
        closes.unwrap_or(self.now + HOUR)
    }

    /// Keys that change something are heard.
    pub(super) const fn is_armed(&self) -> bool {
        matches!(self.arming, Arming::Armed { .. })
    }

    /// Lets it fall back when its time is over; never while writes are stopped, when an abort must be one dialog away.
    pub(super) fn fall_back(&mut self) {
        let Arming::Armed { until } = self.arming else { return };
        if self.now >= until && self.state.writes_stopped_at.is_none() && !self.something_runs() {
            self.arming = Arming::Safe;
            self.say("no longer armed: its time is over; `a` arms again", Role::Warn);
        }
    }

    /// A step acts at this moment.
    pub(super) fn something_runs(&self) -> bool {
        !self.running().is_empty()
    }

    /// The steps that act at this moment.
    pub(super) fn running(&self) -> Vec<&str> {
        let acts = |status| matches!(status, StepStatus::Running | StepStatus::Undoing);
        let steps = self.runbook.steps().map(|(_, step)| step);
        steps
            .filter(|step| acts(self.state.step(&step.id).status))
            .map(|step| step.id.as_str())
            .collect()
    }

    /// Why the process must not be stopped now: nobody would go on for it.
    pub(super) fn cannot_suspend(&self) -> Option<String> {
        let why = match () {
            () if self.mode == SessionMode::Rehearsal => {
                "the rehearsal's world would stand still with it"
            }
            () if !self.drives() => return None,
            () if self.something_runs() => "a step runs, and would stand still",
            () if self.state.writes_stopped_at.is_some() => {
                "writes are stopped, and nobody would look at their budget"
            }
            () => return None,
        };
        Some(format!("not suspended: {why}"))
    }

    /// What may be changed from here, for the header and the terminal's title.
    pub(super) fn badge(&self) -> String {
        let kind = match self.mode {
            SessionMode::Replay => return "[R replay]".to_owned(),
            SessionMode::Rehearsal => "REHEARSAL",
            SessionMode::Run | SessionMode::Monitor => "RW",
        };
        match self.arming {
            Arming::ReadOnly => "[R]".to_owned(),
            Arming::Safe => format!("[{kind} safe]"),
            Arming::Armed { .. } => format!("[{kind} armed]"),
        }
    }
}
