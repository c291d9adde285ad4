//! Whose run it is, and how far the cluster knows of it: another console may drive it, or go on with it.

use jiff::Timestamp;

use super::msg::Follow;
use super::pace::Pace;
use super::proof::Proofs;
use super::state::UiState;
use super::theme::Role;
use super::view::words;
use crate::model::RunState;
use crate::session::Look;

/// Another console that drives the run.
#[derive(Debug, Clone)]
pub(super) struct Driver {
    pub(super) operator: String,
    /// The last look at what it did.
    pub(super) looked: Look,
}

impl UiState {
    /// Watches another run from now on, from its first fact.
    pub(super) fn follow(&mut self, follow: Follow) {
        let Follow { run, operator, runbook, acts } = follow;
        self.state = RunState::new(&runbook);
        (self.run, self.runbook, self.acts) = (run, runbook, acts);
        self.driver = Some(Driver { operator, looked: Look { at: self.now, lapsed: None } });
        self.behind = None;
        self.pace = Pace::default();
        self.proofs = Proofs::default();
        self.log.clear();
        self.details = None;
        self.ended = false;
        self.outdated = true;
    }

    /// The run that is watched was looked at.
    pub(super) fn looked(&mut self, look: Look) {
        let Some(driver) = &mut self.driver else { return };
        let before = std::mem::replace(&mut driver.looked, look);
        if before.lapsed.is_some() == look.lapsed.is_some() {
            return;
        }
        let operator = driver.operator.clone();
        if look.lapsed.is_some() {
            let text = format!(
                "{operator} renews the lease no more: nobody drives the run, and no budget undoes it; `pgcutover resume` goes on"
            );
            self.say(text, Role::Fail);
        } else {
            self.say(format!("{operator} renews the lease again"), Role::Plain);
        }
    }

    /// The run has a driver, as far as is known.
    pub(super) fn is_driven(&self) -> bool {
        self.driver.as_ref().is_none_or(|driver| driver.looked.lapsed.is_none())
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
