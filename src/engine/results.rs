//! From what a job tells to a fact.

use crate::journal::Append;
use crate::model::{
    EventKind, Failure, FailureKind, Judgement, Move, StepId, StepStatus, When, next,
};

use super::drive::Driver;
use super::error::EngineError;
use super::executor::{Executor, Probed};
use super::jobs::{End, Kind, Note, Performed, Word};

impl<E: Executor, J: Append> Driver<E, J> {
    pub(super) fn take(&mut self, note: Note) -> Result<(), EngineError> {
        let Note { step, kind, word, .. } = note;
        match word {
            Word::Held(when, judgements) => self.held(step, when, judgements),
            Word::Progress(progress) => {
                self.emitter.emit_if_it_fits(EventKind::StepProgress { step, progress }, false)
            }
            Word::Ended(end) => self.ended(step, kind, end),
        }
    }

    fn held(
        &mut self,
        step: StepId,
        when: When,
        judgements: Vec<Judgement>,
    ) -> Result<(), EngineError> {
        let shut = judgements.iter().filter(|judgement| !judgement.is_open());
        let shut: Vec<String> = shut.map(|it| format!("{when:?} {}", it.gate)).collect();
        let changed = self.held.get(&step) != Some(&shut);
        if when == When::Before {
            // What an undo needs was read for a start that does not come; the next one reads anew.
            self.prepared.remove(&step);
        }
        self.held.insert(step.clone(), shut);
        self.emitter.emit_if_it_fits(EventKind::GateHeld { step, when, judgements }, changed)
    }

    fn ended(&mut self, step: StepId, kind: Kind, end: End) -> Result<(), EngineError> {
        match end {
            End::Open(judgements) => {
                self.held.remove(&step);
                self.passed(step, When::Before, judgements)
            }
            End::Prepared(Ok(before)) => {
                self.prepared.insert(step, before);
                Ok(())
            }
            End::Prepared(Err(failure)) => self.failed(step, failure.without_effects()),
            End::Performed(Ok(performed)) => self.performed(step, performed),
            End::Performed(Err(failure)) => self.failed(step, failure),
            End::Probed(probed) => self.probed(&step, probed),
            End::Undone(Ok(outcome)) => self.fact_of(EventKind::UndoFinished { step, outcome }),
            End::Undone(Err(failure)) => self.undo_failed(step, failure),
            End::Mended(Ok(_)) => Ok(()),
            End::Mended(Err(failure)) => self.mend_failed(step, failure),
            End::Panicked(failure) => self.panicked(step, kind, failure),
        }
    }

    fn fact_of(&mut self, kind: EventKind) -> Result<(), EngineError> {
        self.emitter.emit(kind).map(drop)
    }

    fn passed(
        &mut self,
        step: StepId,
        when: When,
        judgements: Vec<Judgement>,
    ) -> Result<(), EngineError> {
        self.fact_of(EventKind::GatePassed { step, when, judgements })
    }

    fn performed(&mut self, step: StepId, performed: Performed) -> Result<(), EngineError> {
        let Performed { outcome, judgements } = performed;
        if !judgements.is_empty() {
            self.passed(step.clone(), When::After, judgements)?;
        }
        self.fact_of(EventKind::StepFinished { step, outcome })
    }

    /// A step that ended because the run stops stays as it is: the world is asked about it when the run is resumed.
    fn failed(&mut self, step: StepId, failure: Failure) -> Result<(), EngineError> {
        if self.stopping.is_some() && failure.kind == FailureKind::Cancelled {
            return Ok(());
        }
        self.fact_of(EventKind::StepFailed { step, failure })
    }

    fn probed(&mut self, id: &StepId, probed: Probed) -> Result<(), EngineError> {
        match probed {
            Probed::Done(outcome) => self.expect(id, outcome).map(drop),
            Probed::Again => {
                let known = self.state().step(id);
                let (attempt, before) = (known.attempt, known.before.clone().unwrap_or_default());
                self.start_now(&self.step(id), attempt, before).map(drop)
            }
            Probed::Unknown(failure) => {
                self.fact_of(EventKind::StepInDoubt { step: id.clone(), failure })
            }
        }
    }

    fn undo_failed(&mut self, step: StepId, failure: Failure) -> Result<(), EngineError> {
        if self.stopping.is_some() && failure.kind == FailureKind::Cancelled {
            return Ok(());
        }
        self.fact_of(EventKind::UndoFailed { step, failure })
    }

    /// A step whose mend failed has failed again; where the mend was offered on the way, only the offer is off.
    fn mend_failed(&mut self, step: StepId, failure: Failure) -> Result<(), EngineError> {
        let known = self.state().step(&step);
        if known.status == StepStatus::Pending && known.attempt > 0 {
            let fix = known.failure.as_ref().and_then(|former| former.fix.clone());
            let failure = Failure { fix: failure.fix.clone().or(fix), ..failure };
            return self
                .fact_of(EventKind::StepFailed { step, failure: failure.without_effects() });
        }
        self.fact_of(EventKind::Declined { step, why: format!("it was not mended: {failure}") })
    }

    fn panicked(&mut self, step: StepId, kind: Kind, failure: Failure) -> Result<(), EngineError> {
        let open = next(&self.runbook, self.state());
        let mut of_step = open.iter().filter(|known| known.step() == Some(&step));
        match kind {
            Kind::Act => self.failed(step, failure),
            Kind::Undo => self.undo_failed(step, failure),
            Kind::Mend => self.mend_failed(step, failure),
            Kind::Read => match of_step.next() {
                Some(Move::Probe(_)) => self.fact_of(EventKind::StepInDoubt { step, failure }),
                Some(Move::Check(_) | Move::Start(_)) => {
                    self.failed(step, failure.without_effects())
                }
                Some(Move::TakeAsDone(_)) => self.failed(step, failure),
                _ => Ok(()),
            },
        }
    }
}
