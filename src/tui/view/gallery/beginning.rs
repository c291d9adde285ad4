//! The first step that changes something asks whether the run may begin, or go on.

use std::time::Duration;

use super::recorded::{run, seen};
use super::scenes::keys;
use crate::model::{Event, EventKind, Reading, Seq, SideView, Step, StepStatus, When};
use crate::tui::msg::Msg;
use crate::tui::state::UiState;
use crate::tui::update::update;

/// Nothing has been changed yet, and the first step that would asks.
pub(super) fn begins() -> UiState {
    let deploys = |kind: &EventKind| matches!(kind, EventKind::PhaseStarted { phase } if phase.as_str() == "deploy-green");
    let mut ui = seen(run("done", deploys), "synced");
    let mut observed = ui.observed.clone();
    let workload = ui.runbook.green.workload.as_ref().unwrap().to_string();
    let gone = Reading::Fresh { value: None, at: ui.now };
    observed.cluster.workloads.insert(workload, gone);
    observed.green = SideView::default();
    update(&mut ui, Msg::Observed(Box::new(observed)));
    asks_to_begin(ui, "apply-green")
}

/// The run was taken up again while its step was in doubt.
pub(super) fn goes_on() -> UiState {
    let resumed = |kind: &EventKind| matches!(kind, EventKind::RunResumed { .. });
    let ui = seen(run("in-doubt", resumed), "synced");
    let doubt = |known: &&Step| ui.state.step(&known.id).status == StepStatus::InDoubt;
    let step = ui.runbook.steps().map(|(_, step)| step).find(doubt).unwrap().id.clone();
    asks_to_begin(ui, step.as_str())
}

fn asks_to_begin(mut ui: UiState, step: &str) -> UiState {
    ui.state.waits_to_begin = true;
    let step = ui.runbook.step(&step.into()).unwrap().clone();
    if !step.gates.is_empty() && ui.state.step(&step.id).status == StepStatus::Pending {
        let judgements = Vec::new();
        let gates = EventKind::GatePassed { step: step.id.clone(), when: When::Before, judgements };
        tell(&mut ui, gates);
    }
    let confirm = ui.state.asks(&step);
    tell(&mut ui, EventKind::ConfirmationAsked { step: step.id, confirm });
    keys(ui, "n")
}

fn tell(ui: &mut UiState, kind: EventKind) {
    let (seq, at) = (Seq(ui.state.seq.0 + 1), ui.now);
    let event = Event { seq, at, elapsed: Duration::ZERO, kind };
    update(ui, Msg::Event(Box::new(event)));
}
