//! The gates under a question: nobody confirms on a look that is too old, and a dialog has them looked at again.

use std::time::Duration;

use super::dialog::{Dialog, Kind};
use super::msg::Effect;
use super::state::UiState;
use super::update::within;
use crate::model::{Command, StepId};

/// A look that is older than this confirms nothing.
const OLDEST: Duration = Duration::from_secs(30);
/// A look that is older than this is asked for anew, while a dialog rests on it.
const RENEWED: Duration = Duration::from_secs(10);

impl UiState {
    /// How long ago the gates of a step were looked at, where that is too long to confirm it.
    pub(super) fn stale_look(&self, step: &StepId) -> Option<Duration> {
        self.look_age(step).filter(|age| *age > OLDEST)
    }

    /// Asks for another look at the gates of the step that is about to be confirmed.
    pub(super) fn look_again(&mut self) -> Vec<Effect> {
        let Some(Dialog { kind: Kind::Confirm { step, .. }, looked, .. }) = &self.dialog else {
            return Vec::new();
        };
        let (step, now) = (step.clone(), self.now);
        let asked_for = looked.is_some_and(|at| within(at, now, RENEWED));
        let renewed = self.look_age(&step).is_none_or(|age| age <= RENEWED);
        if asked_for || renewed || !self.drives() {
            return Vec::new();
        }
        if let Some(dialog) = &mut self.dialog {
            dialog.looked = Some(now);
        }
        vec![Effect::Send(Command::Look { step })]
    }

    /// How long it is until the gates under the dialog are looked at again; none while they are.
    pub(super) fn next_look(&self, step: &StepId) -> Option<Duration> {
        RENEWED.checked_sub(self.look_age(step)?)
    }

    fn look_age(&self, step: &StepId) -> Option<Duration> {
        self.runbook.step(step).filter(|step| !step.gates.is_empty())?;
        let at = self.state.step(step).passed_at?;
        Some(Duration::try_from(self.now.duration_since(at)).unwrap_or_default())
    }
}
