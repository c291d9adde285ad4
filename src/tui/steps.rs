//! The list of phases and steps as lines, for the view and for scrolling alike.

use std::time::Duration;

use super::state::UiState;
use super::theme::Role;
use crate::model::{Phase, Step, StepStatus};

/// A line of the list.
#[derive(Debug, Clone, Copy)]
pub(super) enum Item<'a> {
    /// A phase.
    Phase(&'a Phase),
    /// A step.
    Step(&'a Step),
}

impl UiState {
    /// All lines of the step list.
    pub(super) fn items(&self) -> Vec<Item<'_>> {
        let of =
            |phase| std::iter::once(Item::Phase(phase)).chain(phase.steps.iter().map(Item::Step));
        self.runbook.phases.iter().flat_map(of).collect()
    }

    /// The line of the step that the run is at; the last one when it has ended.
    pub(super) fn current_item(&self) -> usize {
        let current = self.current();
        let items = self.items();
        items
            .iter()
            .position(|item| matches!(item, Item::Step(step) if Some(&step.id) == current.as_ref()))
            .unwrap_or(if self.state.started_at.is_some() {
                items.len().saturating_sub(1)
            } else {
                0
            })
    }

    /// The step whose evidence is shown: the one that the list is scrolled to, or the current one.
    pub(super) fn shown_step(&self) -> Option<&Step> {
        let line = match self.scrolled(super::state::Pane::Steps) {
            super::state::Scroll::Follow => self.current_item(),
            super::state::Scroll::At(line) => line,
        };
        match self.items().get(line) {
            Some(Item::Step(step)) => Some(step),
            _ => None,
        }
    }

    /// How many steps are settled, and how many there are.
    pub(super) fn settled(&self) -> (usize, usize) {
        let all = self.runbook.steps().count();
        let settled =
            self.runbook.steps().filter(|(_, step)| self.state.step(&step.id).is_settled());
        (settled.count(), all)
    }

    /// How long a step took, or takes.
    pub(super) fn took(&self, step: &Step) -> Option<Duration> {
        let known = self.state.step(&step.id);
        let end = known.ended_at.unwrap_or(self.now);
        let took = known.started_at.map(|from| Duration::try_from(end.duration_since(from)));
        took.map(Result::unwrap_or_default)
    }
}

/// The word of a status, and what it means.
pub(super) const fn word(status: StepStatus) -> (&'static str, Role) {
    match status {
        StepStatus::Pending => ("    ", Role::Muted),
        StepStatus::Held => ("wait", Role::Warn),
        StepStatus::Ready | StepStatus::Confirmed => ("wait", Role::Plain),
        StepStatus::Asked => ("ask ", Role::Title),
        StepStatus::Running | StepStatus::Undoing => ("run ", Role::Running),
        StepStatus::InDoubt | StepStatus::Doubtful => ("WARN", Role::Warn),
        StepStatus::Done => ("ok  ", Role::Plain),
        StepStatus::Failed | StepStatus::UndoFailed => ("FAIL", Role::Fail),
        StepStatus::Skipped => ("skip", Role::Muted),
        StepStatus::Undone => ("back", Role::Muted),
    }
}
