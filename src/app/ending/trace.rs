//! What a run that was driven here leaves: its journal, and the commands that go on from it.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::model::{Mode, Reading, RunId, Side, StopReason};
use crate::session::SessionMode;

/// Which side served when a session ended, as it was read last.
#[derive(Debug, Clone)]
pub(in crate::app) struct Seen {
    /// The side, with the time when it was read.
    pub(in crate::app) serving: Reading<Option<Side>>,
    /// When the session ended.
    pub(in crate::app) at: Timestamp,
}

/// What a run leaves on this machine.
#[derive(Debug, Clone)]
pub(in crate::app) struct Trace {
    /// Its name.
    pub(in crate::app) run: RunId,
    /// A rehearsal's world ends with it.
    pub(in crate::app) mode: SessionMode,
    /// Its journal.
    pub(in crate::app) journal: PathBuf,
}

impl Trace {
    /// The commands that go on from how the run stands, each behind what it does.
    pub(super) fn onward(&self, mode: &Mode) -> Vec<(&'static str, String)> {
        let command = |verb: &str| format!("pgcutover {verb} {}", self.run);
        let looks = [("report", command("report")), ("replay", command("replay"))];
        self.go_on(mode).map(|text| ("go on", text)).into_iter().chain(looks).collect()
    }

    fn go_on(&self, mode: &Mode) -> Option<String> {
        let resume = format!("pgcutover resume {}", self.run);
        match mode {
            Mode::Finished(_) => None,
            _ if self.mode == SessionMode::Rehearsal => {
                Some("not possible: the world of a rehearsal ends with it".to_owned())
            }
            Mode::Stopped(StopReason::LeaseHeld { .. }) => {
                Some("up to whoever holds the lease".to_owned())
            }
            Mode::Stopped(StopReason::ConfirmationMissing { step }) => {
                Some(format!("{resume} --confirm {step}=ANSWER"))
            }
            Mode::New | Mode::Forward | Mode::Undoing | Mode::Stopped(_) => Some(resume),
        }
    }

    /// What a panic leaves on the terminal.
    pub(in crate::app) fn farewell(&self) -> String {
        let journal = ("journal", self.journal.display().to_string());
        let lines = std::iter::once(journal).chain(self.onward(&Mode::Forward));
        lines.map(|(label, text)| super::words::line(label, &text) + "\n").collect()
    }
}
