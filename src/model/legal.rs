//! Which fact can follow which: one table. Everything else is [`Illegal`].

use super::command::Decision;
use super::event::{Event, EventKind, When};
use super::failure::Effects;
use super::id::{PhaseId, Seq};
use super::next::choices;
use super::runbook::{Confirm, OnFailure, Phase, Runbook, Step, Undo};
use super::state::{Mode, RunState, StepState, StepStatus, Verdict};
use super::undo::{UndoTurn, undo_order};

/// An event that cannot follow what is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {seq} `{event}` cannot follow: {why}")]
pub struct Illegal {
    /// Its place.
    pub seq: Seq,
    /// Its type.
    pub event: &'static str,
    /// What stands against it.
    pub why: String,
}

impl RunState {
    /// Whether an event can follow, without applying it.
    ///
    /// # Errors
    /// What stands against it.
    pub fn check(&self, runbook: &Runbook, event: &Event) -> Result<(), Illegal> {
        self.legal(runbook, event).map_err(|why| Illegal {
            seq: event.seq,
            event: event.kind.name(),
            why,
        })
    }

    /// Takes an event in.
    ///
    /// # Errors
    /// [`Illegal`] when it cannot follow; the state is then as it was.
    pub fn apply(&mut self, runbook: &Runbook, event: &Event) -> Result<(), Illegal> {
        self.check(runbook, event)?;
        self.take(runbook, event);
        if event.kind.is_durable() {
            self.seq = event.seq;
        }
        self.last_at = Some(event.at);
        Ok(())
    }

    fn legal(&self, runbook: &Runbook, event: &Event) -> Result<(), String> {
        if event.kind.is_durable() && event.seq.0 != self.seq.0 + 1 {
            return Err(format!("the last event was {}", self.seq));
        }
        self.legal_in_mode(&event.kind)?;
        match &event.kind {
            EventKind::PhaseStarted { phase } => self.legal_phase_start(runbook, phase),
            EventKind::PhaseFinished { phase } => self.legal_phase_end(runbook, phase),
            EventKind::BudgetExceeded { phase: Some(phase), .. }
            | EventKind::CheckpointMissed { phase, .. } => known_phase(runbook, phase).map(drop),
            EventKind::RunFinished { verdict } => self.legal_end(runbook, verdict),
            kind => match kind.step() {
                Some(id) => {
                    let found = runbook.steps().find(|(_, step)| step.id == *id);
                    let (phase, step) =
                        found.ok_or_else(|| format!("the runbook has no step `{id}`"))?;
                    self.legal_turn(phase, step, kind)?;
                    self.legal_undo_turn(runbook, step, kind)?;
                    self.legal_for_step(step, kind)
                }
                None => Ok(()),
            },
        }
    }

    fn legal_in_mode(&self, kind: &EventKind) -> Result<(), String> {
        use EventKind as E;
        let fits = match (kind, &self.mode) {
            (E::RunStarted { .. }, mode) => *mode == Mode::New,
            (E::RunResumed { .. }, mode) => !matches!(mode, Mode::New | Mode::Finished(_)),
            (E::RunFinished { verdict: Verdict::Undone { .. } }, mode) => *mode == Mode::Undoing,
            (E::RunFinished { verdict: Verdict::Done }, mode) => *mode == Mode::Forward,
            (E::UndoStarted { .. } | E::UndoFinished { .. } | E::UndoFailed { .. }, mode) => {
                *mode == Mode::Undoing
            }
            (
                E::PhaseStarted { .. }
                | E::PhaseFinished { .. }
                | E::ConfirmationAsked { .. }
                | E::Confirmed { .. }
                | E::StepStarted { .. }
                | E::StepSkipped { .. },
                mode,
            ) => *mode == Mode::Forward && self.aborted.is_none(),
            (_, mode) => matches!(mode, Mode::Forward | Mode::Undoing),
        };
        if fits { Ok(()) } else { Err(format!("the run is {:?}", self.mode)) }
    }

    fn legal_phase_start(&self, runbook: &Runbook, id: &PhaseId) -> Result<(), String> {
        known_phase(runbook, id)?;
        if self.phase_started(id) {
            return Err(format!("phase `{id}` has begun"));
        }
        let mut before = runbook.phases.iter().take_while(|phase| phase.id != *id);
        match before.find(|phase| !self.phase_finished(&phase.id)) {
            Some(open) => Err(format!("phase `{}` is not over", open.id)),
            None => Ok(()),
        }
    }

    fn legal_phase_end(&self, runbook: &Runbook, id: &PhaseId) -> Result<(), String> {
        let phase = known_phase(runbook, id)?;
        if !self.phase_started(id) || self.phase_finished(id) {
            return Err(format!("phase `{id}` is not open"));
        }
        match phase.steps.iter().find(|step| !self.step(&step.id).is_settled()) {
            Some(step) => Err(format!("step `{}` is not done", step.id)),
            None => Ok(()),
        }
    }

    fn legal_end(&self, runbook: &Runbook, verdict: &Verdict) -> Result<(), String> {
        let touched = |step: &Step| step.undo != Undo::Nothing && self.step(&step.id).touched;
        match verdict {
            Verdict::Done => match runbook.phases.iter().find(|it| !self.phase_finished(&it.id)) {
                Some(phase) => Err(format!("phase `{}` is not over", phase.id)),
                None => Ok(()),
            },
            Verdict::Undone { .. } => match runbook.steps().find(|(_, step)| touched(step)) {
                Some((_, step)) => Err(format!("step `{}` is not undone", step.id)),
                None => Ok(()),
            },
            Verdict::NotUndone { .. } => Ok(()),
        }
    }

    /// Whether it is the step's turn: its phase is open and, unless that is parallel, the steps before it are settled.
    fn legal_turn(&self, phase: &Phase, step: &Step, kind: &EventKind) -> Result<(), String> {
        if self.mode != Mode::Forward || matches!(kind, EventKind::Declined { .. }) {
            return Ok(());
        }
        if !self.phase_started(&phase.id) || self.phase_finished(&phase.id) {
            return Err(format!("phase `{}` is not open", phase.id));
        }
        let mut before = phase.steps.iter().take_while(|other| other.id != step.id);
        match before.find(|other| !self.step(&other.id).is_settled()) {
            Some(other) if !phase.parallel => Err(format!("step `{}` is not done", other.id)),
            _ => Ok(()),
        }
    }

    /// What writes wait for is undone latest first, and nothing older before it: blue is not opened behind a switch that stands.
    /// When the rest is cleared away is left open: it once had no turn of its own.
    fn legal_undo_turn(
        &self,
        runbook: &Runbook,
        step: &Step,
        kind: &EventKind,
    ) -> Result<(), String> {
        if !matches!(kind, EventKind::UndoStarted { .. }) {
            return Ok(());
        }
        let since = self.step(&step.id).first_start;
        let later = |(turn, other): &(UndoTurn, &Step)| {
            *turn == UndoTurn::Writes && self.step(&other.id).first_start > since
        };
        match undo_order(runbook, self).into_iter().find(later) {
            Some((_, other)) => Err(format!("step `{}` is not undone", other.id)),
            None => Ok(()),
        }
    }

    fn legal_for_step(&self, step: &Step, kind: &EventKind) -> Result<(), String> {
        use EventKind as E;
        use StepStatus as S;
        let state = self.step(&step.id);
        let waits =
            matches!(state.status, S::Pending | S::Held | S::Ready | S::Asked | S::Confirmed);
        let acts = matches!(state.status, S::Running | S::InDoubt | S::Doubtful);
        let fits = match kind {
            E::GateHeld { when: When::Before, .. } | E::GatePassed { when: When::Before, .. } => {
                waits
            }
            E::GateHeld { when: When::After, .. }
            | E::GatePassed { when: When::After, .. }
            | E::StepFinished { .. } => acts,
            E::StepProgress { .. } => acts || state.status == S::Undoing,
            E::ConfirmationAsked { .. } => {
                let ready = waits && state.status != S::Held && gates_passed(step, state);
                ready || (state.status == S::InDoubt && self.begins_with(step))
            }
            E::Confirmed { .. } => state.asked.is_some(),
            E::StepStarted { attempt, .. } => self.may_start(step, state, *attempt),
            E::StepFailed { failure, .. } => {
                acts || (waits && state.status != S::Asked && failure.effects == Effects::None)
            }
            E::StepInDoubt { .. } => state.status == S::InDoubt,
            // The progress that offered a mend is told, not kept: from the journal alone it cannot be seen.
            E::Decided { decision: Decision::Mend, .. } if waits || state.status == S::Running => {
                self.mode == Mode::Forward && self.aborted.is_none()
            }
            E::Decided { decision, .. } => choices(step, self).contains(decision),
            E::StepSkipped { .. } => match state.status {
                S::Failed | S::Doubtful => step.skippable || step.on_failure == OnFailure::Continue,
                S::Held => step.skippable && state.decided == Some(Decision::Skip),
                _ => false,
            },
            E::UndoStarted { .. } => state.touched && !matches!(state.status, S::Running),
            E::UndoFinished { .. } | E::UndoFailed { .. } => state.status == S::Undoing,
            _ => true,
        };
        if fits { Ok(()) } else { Err(format!("step `{}` is {:?}", step.id, state.status)) }
    }

    /// A step in doubt starts again under its former number, any other under the next.
    fn may_start(&self, step: &Step, state: &StepState, attempt: u32) -> bool {
        match state.status {
            StepStatus::InDoubt => !self.begins_with(step) && attempt == state.attempt,
            StepStatus::Pending | StepStatus::Ready | StepStatus::Confirmed => {
                let confirmed = self.asks(step) == Confirm::None || state.confirmed.is_some();
                confirmed && gates_passed(step, state) && attempt == state.attempt + 1
            }
            _ => false,
        }
    }

    fn phase_started(&self, id: &PhaseId) -> bool {
        self.phases.get(id).is_some_and(|phase| phase.started_at.is_some())
    }

    fn phase_finished(&self, id: &PhaseId) -> bool {
        self.phases.get(id).is_some_and(|phase| phase.finished_at.is_some())
    }
}

fn known_phase<'a>(runbook: &'a Runbook, id: &PhaseId) -> Result<&'a Phase, String> {
    runbook.phase(id).ok_or_else(|| format!("the runbook has no phase `{id}`"))
}

fn gates_passed(step: &Step, state: &StepState) -> bool {
    step.gates.is_empty() || state.passed.is_some()
}
