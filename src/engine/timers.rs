//! Budgets, checkpoints, retries, and whatever else comes with time. What passed while no console lived counts too.

use std::time::Duration;

use jiff::Timestamp;

use crate::journal::Append;
use crate::model::{
    Decision, EventKind, Mode, Move, Phase, PhaseState, RunState, Runbook, StepStatus, next,
};

use super::drive::Driver;
use super::error::EngineError;
use super::executor::Executor;

/// The longest sleep while a clock runs: a laptop that slept, or a clock that was set, is noticed by then.
const DOZE: Duration = Duration::from_secs(5);

/// Something that comes with time, and how long until it does.
struct Due {
    within: Duration,
    fact: EventKind,
}

impl<E: Executor, J: Append> Driver<E, J> {
    /// Records what ran out, and gives up what did not end in time.
    pub(super) fn look_at_the_clock(&mut self) -> Result<(), EngineError> {
        for step in self.jobs.give_up(self.options.grace) {
            // A step that is left alone because the run stops stays in doubt; an undo is tried again when the run is resumed.
            if self.stopping.is_none() && self.state().step(&step).status == StepStatus::Running {
                self.given_up(&step)?;
            }
        }
        if self.stopping.is_some() && !self.must_go_on() {
            return Ok(());
        }
        let due = dues(&self.runbook, self.state(), self.emitter.now());
        for Due { fact, .. } in due.into_iter().filter(|due| due.within.is_zero()) {
            self.emitter.emit_if_it_fits(fact, true)?;
        }
        Ok(())
    }

    /// How long the loop may sleep when nothing else happens.
    pub(super) fn due_in(&self) -> Option<Duration> {
        let open = next(&self.runbook, self.state());
        let retries = open.iter().filter_map(|step| match step {
            Move::Decide(step, Decision::Retry) => Some(self.retry_in(step)),
            _ => None,
        });
        let clocks = dues(&self.runbook, self.state(), self.emitter.now());
        clocks
            .into_iter()
            .map(|due| due.within)
            .chain(retries)
            .chain(self.jobs.give_up_in(self.options.grace))
            .min()
            .map(|due| due.min(DOZE))
    }
}

fn dues(runbook: &Runbook, state: &RunState, now: Timestamp) -> Vec<Due> {
    if !matches!(state.mode(), Mode::Forward | Mode::Undoing) || state.aborted.is_some() {
        return Vec::new();
    }
    let forward = *state.mode() == Mode::Forward;
    let phases = runbook.phases.iter().filter(|_| forward);
    let known = phases.filter_map(|phase| Some((phase, state.phases.get(&phase.id)?)));
    let phases = known.filter(|(_, known)| known.finished_at.is_none());
    let opened = window_opened(runbook, state);
    let of_phases = phases.flat_map(|(phase, known)| {
        [budget_of(phase, known, now), checkpoint_of(phase, known, opened, now)]
    });
    of_phases.flatten().chain(budget_of_window(runbook, state, now)).collect()
}

/// The write-stop budget runs while writes are stopped, and over every stretch of it.
fn budget_of_window(runbook: &Runbook, state: &RunState, now: Timestamp) -> Option<Due> {
    let budget = runbook.window.budget;
    let runs = state.writes_stopped_at.is_some() && !state.window_exceeded;
    runs.then(|| Due {
        within: budget.saturating_sub(state.writes_stopped(now)),
        fact: EventKind::BudgetExceeded { phase: None, budget },
    })
}

fn budget_of(phase: &Phase, known: &PhaseState, now: Timestamp) -> Option<Due> {
    let (budget, since) = (phase.budget?, known.started_at?);
    (!known.budget_exceeded).then(|| Due {
        within: left(budget, since, now),
        fact: EventKind::BudgetExceeded { phase: Some(phase.id.clone()), budget },
    })
}

fn checkpoint_of(
    phase: &Phase,
    known: &PhaseState,
    opened: Option<Timestamp>,
    now: Timestamp,
) -> Option<Due> {
    let (checkpoint, since) = (phase.checkpoint?, opened?);
    (!known.checkpoint_missed).then(|| Due {
        within: left(checkpoint, since, now),
        fact: EventKind::CheckpointMissed { phase: phase.id.clone(), checkpoint },
    })
}

/// Checkpoints count from the start of the first phase that is in the window, or from the run's where none is.
fn window_opened(runbook: &Runbook, state: &RunState) -> Option<Timestamp> {
    match runbook.phases.iter().find(|phase| phase.window) {
        Some(phase) => state.phases.get(&phase.id)?.started_at,
        None => state.started_at,
    }
}

fn left(span: Duration, since: Timestamp, now: Timestamp) -> Duration {
    span.saturating_sub(Duration::try_from(now.duration_since(since)).unwrap_or_default())
}
