//! How long people and missing consoles took.

use crate::model::{Event, EventKind, Mode, Move, RunState, Runbook, next};

use super::span::seconds;

/// Seconds that went by in waiting.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Waits {
    /// At least one step waited for a person.
    pub(super) people: f64,
    /// Nobody drove the run.
    pub(super) console: f64,
}

/// Walks the facts once more and looks at what each of them ended.
pub(super) fn waits(runbook: &Runbook, events: &[Event]) -> Waits {
    let mut state = RunState::new(runbook);
    let mut waits = Waits::default();
    for event in events {
        let passed = state.last_at.map_or(0.0, |last| seconds(last, event.at));
        if matches!(event.kind, EventKind::RunResumed { .. }) {
            waits.console += passed;
        } else if waits_for_people(runbook, &state) {
            waits.people += passed;
        }
        if state.apply(runbook, event).is_err() {
            break;
        }
    }
    waits
}

fn waits_for_people(runbook: &Runbook, state: &RunState) -> bool {
    let asks = |open: &Move| matches!(open, Move::AwaitAnswer(_) | Move::AwaitDecision(_));
    *state.mode() == Mode::Forward && next(runbook, state).iter().any(asks)
}
