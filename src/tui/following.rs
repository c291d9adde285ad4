//! Whose run it is, and how far the cluster knows of it: another console may drive it, or go on with it.

use jiff::Timestamp;

use super::msg::Follow;
use super::pace::Pace;
use super::proof::Proofs;
use super::state::UiState;
use super::theme::Role;
use super::view::words;
use crate::model::RunState;

/// Another console that drives the run.
#[derive(Debug, Clone)]
pub(super) struct Driver {
    pub(super) operator: String,
    /// When it was last looked at what it did.
    pub(super) looked: Timestamp,
}

impl UiState {
    /// Watches another run from now on, from its first fact.
    pub(super) fn follow(&mut self, follow: Follow) {
        let Follow { run, operator, runbook, acts } = follow;
        self.state = RunState::new(&runbook);
        (self.run, self.runbook, self.acts) = (run, runbook, acts);
        self.driver = Some(Driver { operator, looked: self.now });
        self.behind = None;
        self.pace = Pace::default();
        self.proofs = Proofs::default();
        self.log.clear();
        self.details = None;
        self.ended = false;
        self.outdated = true;
    }

    /// The run that is watched was looked at.
    pub(super) const fn looked(&mut self, at: Timestamp) {
        if let Some(driver) = &mut self.driver {
            driver.looked = at;
        }
    }

    /// The mirror is behind, for this reason, or has caught up. A reason that changes meanwhile is not said again.
    pub(super) fn lag(&mut self, why: Option<String>) {
        match (&self.behind, &why) {
            (None, Some(why)) => {
                let text = format!("the journal's mirror in the cluster is behind: {why}");
                self.say(text, Role::Warn);
            }
            (Some(_), None) => {
                self.say("the journal's mirror in the cluster has caught up", Role::Plain);
            }
            _ => {}
        }
        self.behind = why;
    }

    /// The process was stopped since then, and goes on: meanwhile the Lease may have run out.
    pub(super) fn go_on(&mut self, since: Timestamp) {
        if self.drives() {
            let time = words::coarse_age(Some(since), self.now);
            let text = format!("suspended {time} ago: nothing is done before the lease is renewed");
            self.say(text, Role::Warn);
        }
    }

    /// What is left on the terminal while the process is stopped.
    pub(super) fn suspended(&self) -> Option<&'static str> {
        self.drives().then_some(
            "pgcutover is suspended: the run's lease is not renewed, and another console may take the run; `fg` goes on",
        )
    }
}
