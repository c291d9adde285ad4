//! How a fact changes what is known.

use jiff::Timestamp;
use serde_json::Value;

use super::command::Decision;
use super::event::{Event, EventKind, When};
use super::failure::{Effects, Failure};
use super::runbook::{Runbook, Step};
use super::state::{Mode, RunState, StepState, StepStatus, Verdict, span};

impl RunState {
    pub(super) fn take(&mut self, runbook: &Runbook, event: &Event) {
        if let Some(step) = event.kind.step().and_then(|id| runbook.step(id)) {
            take_step(self.steps.entry(step.id.clone()).or_default(), event);
            self.take_consequences(runbook, step, event);
        } else {
            self.take_run(event);
        }
    }

    fn take_run(&mut self, event: &Event) {
        use EventKind as E;
        match &event.kind {
            E::RunStarted { operator, attended, .. } => {
                self.mode = Mode::Forward;
                self.waits_to_begin = *attended;
                self.started_at = Some(event.at);
                self.operator.clone_from(operator);
            }
            E::RunResumed { operator, attended } => {
                self.waits_to_begin = *attended;
                self.resume(operator);
            }
            E::RunStopped { reason } => self.mode = Mode::Stopped(reason.clone()),
            E::RunFinished { verdict } => {
                if matches!(verdict, Verdict::Undone { .. }) {
                    self.writes_flow(event.at);
                }
                self.mode = Mode::Finished(verdict.clone());
            }
            E::PhaseStarted { phase } => {
                self.phases.entry(phase.clone()).or_default().started_at = Some(event.at);
            }
            E::PhaseFinished { phase } => {
                self.phases.entry(phase.clone()).or_default().finished_at = Some(event.at);
            }
            E::CheckpointMissed { phase, .. } => {
                self.phases.entry(phase.clone()).or_default().checkpoint_missed = true;
            }
            E::Aborted { why, .. } if self.past_return => self.aborted = Some(why.clone()),
            E::Aborted { why, .. } => self.turn_back(why.clone()),
            E::BudgetExceeded { phase, budget } => {
                match phase {
                    Some(id) => self.phases.entry(id.clone()).or_default().budget_exceeded = true,
                    None => self.window_exceeded = true,
                }
                if !self.past_return {
                    self.turn_back(format!("the budget of {} s ran out", budget.as_secs()));
                }
            }
            _ => {}
        }
    }

    fn resume(&mut self, operator: &str) {
        operator.clone_into(&mut self.operator);
        self.mode = if self.undoing.is_some() { Mode::Undoing } else { Mode::Forward };
        for step in self.steps.values_mut() {
            step.status = match step.status {
                StepStatus::Held
                | StepStatus::Ready
                | StepStatus::Asked
                | StepStatus::Confirmed => StepStatus::Pending,
                StepStatus::Running => StepStatus::InDoubt,
                other => other,
            };
            step.asked = None;
            unpass(step);
        }
    }

    fn turn_back(&mut self, cause: String) {
        self.undoing.get_or_insert(cause);
        self.mode = Mode::Undoing;
    }

    /// What a step's event means for the run, after the step has taken it in.
    fn take_consequences(&mut self, runbook: &Runbook, step: &Step, event: &Event) {
        use EventKind as E;
        match &event.kind {
            E::StepStarted { .. } => {
                self.past_return |= step.point_of_no_return;
                if step.stops_writes {
                    self.writes_stop(event.at);
                }
            }
            E::StepFinished { .. } if step.resumes_writes => self.writes_flow(event.at),
            E::StepFailed { failure, .. } if failure.effects == Effects::None => {
                self.writes_flow_if_untouched(runbook, step, event.at);
                self.take_back_return(runbook, step);
            }
            E::Confirmed { .. } if self.begins_with(step) => self.waits_to_begin = false,
            E::UndoStarted { .. } if step.resumes_writes => self.writes_stop(event.at),
            E::UndoFinished { .. } => self.writes_flow_if_untouched(runbook, step, event.at),
            E::Decided { decision, by, .. } => {
                if self.step(&step.id).attempt > 0 && self.begins_with(step) && *by == self.operator
                {
                    self.waits_to_begin = false;
                }
                if *decision == Decision::Undo {
                    self.turn_back(format!("`{}` failed, and {by} said undo", step.id));
                }
            }
            _ => {}
        }
    }

    fn writes_stop(&mut self, at: Timestamp) {
        self.writes_stopped_at.get_or_insert(at);
    }

    fn writes_flow(&mut self, at: Timestamp) {
        if let Some(since) = self.writes_stopped_at.take() {
            self.writes_stopped_for += span(since, at);
        }
    }

    /// A fence that is lifted does not bring back writers that were scaled away: writes flow when nothing stops them any more.
    fn writes_flow_if_untouched(&mut self, runbook: &Runbook, step: &Step, at: Timestamp) {
        let stops = |step: &Step| step.stops_writes && self.step(&step.id).touched;
        if step.stops_writes && !runbook.steps().any(|(_, step)| stops(step)) {
            self.writes_flow(at);
        }
    }

    /// A step that is known to have changed nothing was no point of no return: what waited behind it comes to pass.
    fn take_back_return(&mut self, runbook: &Runbook, step: &Step) {
        let past = |step: &Step| step.point_of_no_return && self.step(&step.id).touched;
        if !step.point_of_no_return || runbook.steps().any(|(_, step)| past(step)) {
            return;
        }
        self.past_return = false;
        let exceeded =
            self.window_exceeded || self.phases.values().any(|phase| phase.budget_exceeded);
        if let Some(why) = self.aborted.take() {
            self.turn_back(why);
        } else if exceeded {
            self.turn_back("the budget ran out".to_owned());
        }
    }
}

fn take_step(state: &mut StepState, event: &Event) {
    use EventKind as E;
    match &event.kind {
        E::GateHeld { when, judgements, .. } => {
            state.judgements.clone_from(judgements);
            if *when == When::Before {
                state.status = StepStatus::Held;
                state.asked = None;
                unpass(state);
            }
        }
        E::GatePassed { when, judgements, .. } => {
            state.judgements.clone_from(judgements);
            if *when == When::Before {
                take_pass(state, event);
            }
        }
        E::ConfirmationAsked { .. } => {
            if state.status != StepStatus::InDoubt {
                state.status = StepStatus::Asked;
            }
            state.asked = Some(event.seq);
        }
        E::Confirmed { .. } => {
            if state.status != StepStatus::InDoubt {
                state.status = StepStatus::Confirmed;
            }
            state.asked = None;
            state.confirmed = Some(event.seq);
        }
        E::StepStarted { attempt, before, .. } => take_start(state, event, *attempt, before),
        E::StepProgress { progress, .. } => {
            state.progress = Some(progress.clone());
            state.progress_at = Some(event.at);
        }
        E::StepFinished { outcome, .. } => {
            end(state, StepStatus::Done, event.at);
            state.outcome = Some(outcome.clone());
        }
        E::StepFailed { failure, .. } => take_failure(state, event.at, failure),
        E::StepInDoubt { failure, .. } => {
            end(state, StepStatus::Doubtful, event.at);
            state.failure = Some(failure.clone());
        }
        E::Decided { decision, .. } => take_decision(state, *decision),
        E::StepSkipped { .. } => end(state, StepStatus::Skipped, event.at),
        E::UndoStarted { .. } => {
            state.status = StepStatus::Undoing;
            state.progress = None;
        }
        E::UndoFinished { .. } => {
            end(state, StepStatus::Undone, event.at);
            state.touched = false;
        }
        E::UndoFailed { failure, .. } => {
            end(state, StepStatus::UndoFailed, event.at);
            state.failure = Some(failure.clone());
        }
        _ => {}
    }
}

fn take_pass(state: &mut StepState, event: &Event) {
    state.passed = Some(event.seq);
    state.passed_at = Some(event.at);
    if matches!(state.status, StepStatus::Pending | StepStatus::Held) {
        let confirmed = state.confirmed.is_some();
        state.status = if confirmed { StepStatus::Confirmed } else { StepStatus::Ready };
    }
}

fn take_start(state: &mut StepState, event: &Event, attempt: u32, before: &Value) {
    state.status = StepStatus::Running;
    if state.attempt != attempt {
        state.tried_at = Some(event.at);
    }
    state.attempt = attempt;
    state.touched_earlier = state.touched;
    state.touched = true;
    state.progress = None;
    state.decided = None;
    if state.first_start.is_none() {
        state.first_start = Some(event.seq);
        state.started_at = Some(event.at);
        state.before = Some(before.clone());
    }
}

fn take_failure(state: &mut StepState, at: Timestamp, failure: &Failure) {
    if state.status == StepStatus::Running && failure.effects == Effects::None {
        state.touched = state.touched_earlier;
    }
    end(state, StepStatus::Failed, at);
    state.failures += 1;
    state.failure = Some(failure.clone());
}

fn take_decision(state: &mut StepState, decision: Decision) {
    let skips = state.status == StepStatus::Held && decision == Decision::Skip;
    if !skips && !matches!(state.status, StepStatus::Failed | StepStatus::Doubtful) {
        return;
    }
    state.decided = Some(decision);
    if matches!(decision, Decision::Retry | Decision::Mend) {
        state.status = StepStatus::Pending;
        state.passed = None;
        state.passed_at = None;
    }
}

/// What the gates showed, and the yes that rested on it, count no more.
fn unpass(state: &mut StepState) {
    state.passed = None;
    state.passed_at = None;
    state.confirmed = None;
}

fn end(state: &mut StepState, status: StepStatus, at: Timestamp) {
    state.status = status;
    state.ended_at = Some(at);
    state.asked = None;
}
