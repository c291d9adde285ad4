//! Why a key does nothing now: it is seen before it is pressed, and told when it is.

use super::arming::Arming;
use super::keymap::Binding;
use super::msg::Cmd;
use super::state::UiState;
use crate::model::{Decision, Move, StepId, StepStatus, choices};

impl UiState {
    /// Why a key does nothing now.
    pub(super) fn disabled(&self, cmd: Cmd) -> Option<String> {
        match cmd {
            Cmd::Next | Cmd::Abort | Cmd::Undo => self.cannot_act(cmd),
            Cmd::Arm => self.cannot_arm(),
            Cmd::Suspend => self.cannot_suspend(),
            Cmd::Sort if self.list(self.focus).grid().ordered => {
                Some("these rows have an order of their own".to_owned())
            }
            _ => self.focus.face().disabled(self, cmd),
        }
    }

    /// What a key does, in a word or two for the footer; none where it is not told.
    pub(super) fn hint(&self, binding: &Binding) -> Option<String> {
        match binding.cmd {
            Cmd::Undo if self.disabled(Cmd::Undo).is_some() => None,
            Cmd::Next => Some(self.decisions().unwrap_or_else(|| binding.hint.to_owned())),
            _ => Some(binding.hint.to_owned()).filter(|hint| !hint.is_empty()),
        }
    }

    /// What the dialog of the next step offers, where that is no answer but a decision.
    pub(super) fn decisions(&self) -> Option<String> {
        let open = self.moves();
        if open.iter().any(|open| matches!(open, Move::AwaitAnswer(_))) {
            return None;
        }
        let mut steps = open.iter().filter_map(|open| self.runbook.step(open.step()?));
        let offered = steps.find_map(|step| {
            Some(choices(step, &self.state)).filter(|offered| !offered.is_empty())
        })?;
        let words: Vec<&str> = offered.iter().map(|choice| choice.word()).collect();
        Some(words.join("/"))
    }

    fn cannot_arm(&self) -> Option<String> {
        match self.arming {
            Arming::ReadOnly => Some("read-only".to_owned()),
            Arming::Armed { .. } => Some("armed already; `:disarm` ends it".to_owned()),
            Arming::Safe if !self.drives() => Some("the run has ended".to_owned()),
            Arming::Safe => None,
        }
    }

    fn cannot_act(&self, cmd: Cmd) -> Option<String> {
        match cmd {
            _ if !self.controls => Some("read-only".to_owned()),
            _ if !self.drives() => Some("the run has ended".to_owned()),
            _ if self.leaving => Some("the run is being left".to_owned()),
            _ if !self.is_armed() => Some("safe: `a` arms".to_owned()),
            Cmd::Abort | Cmd::Undo if self.state.undoing.is_some() => {
                Some("it is being undone".to_owned())
            }
            Cmd::Next => self.nothing_to_answer(),
            Cmd::Undo if self.state.past_return => {
                let instead = self.instead_of_undo();
                Some(format!("past the point of no return nothing can be undone; {instead}"))
            }
            Cmd::Undo if self.failed_step().is_none() => {
                let count = self.to_undo().len();
                Some(format!("no step failed; `A` undoes everything ({count} to undo)"))
            }
            _ => None,
        }
    }

    /// What can be done where nothing can be undone any more.
    pub(super) fn instead_of_undo(&self) -> String {
        let open = self.moves();
        let step = open.iter().filter_map(Move::step).find_map(|id| self.runbook.step(id));
        let words: Vec<&str> = step
            .map(|step| choices(step, &self.state))
            .into_iter()
            .flatten()
            .map(Decision::word)
            .collect();
        match (step, words.as_slice()) {
            (Some(step), [_, ..]) => format!("`n` offers for {}: {}", step.id, words.join(", ")),
            _ => "the run goes on forward".to_owned(),
        }
    }

    /// The step that a gate holds, where nothing else is open.
    pub(super) fn held_step(&self) -> Option<StepId> {
        let held = |step: &&StepId| self.state.step(step).status == StepStatus::Held;
        let moves = if self.player.is_some() { Vec::new() } else { self.moves() };
        moves.iter().filter_map(Move::step).find(held).cloned()
    }

    fn nothing_to_answer(&self) -> Option<String> {
        let moves = self.moves();
        let decidable = |open: &Move| {
            let step = open.step().and_then(|step| self.runbook.step(step));
            step.is_some_and(|step| !choices(step, &self.state).is_empty())
        };
        if moves.iter().any(|open| matches!(open, Move::AwaitAnswer(_)) || decidable(open)) {
            return None;
        }
        Some(match moves.first() {
            Some(Move::Check(step)) if self.state.step(step).status == StepStatus::Held => {
                format!("a gate holds {step}")
            }
            Some(Move::Check(step)) => format!("the gates of {step} are being looked at"),
            Some(open) => match open.step() {
                Some(step) => format!("{step} is under way"),
                None => "nothing is asked".to_owned(),
            },
            None => "nothing is asked".to_owned(),
        })
    }
}
