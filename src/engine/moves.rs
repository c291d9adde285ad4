//! From a move to what is done about it.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::journal::Append;
use crate::model::{
    Decision, EventKind, Failure, FailureKind, Move, Outcome, Progress, Step, StepId, StepStatus,
    Verdict,
};

use super::drive::Driver;
use super::error::EngineError;
use super::executor::{Executor, StepContext};
use super::jobs::{End, Kind};
use super::work;

impl<E: Executor, J: Append> Driver<E, J> {
    /// True when it made a fact. A move whose step is being worked on is left alone.
    pub(super) fn make(&mut self, step: Move) -> Result<bool, EngineError> {
        match step {
            Move::Begin => self.begin_run(),
            Move::StartPhase(phase) => self.fact(EventKind::PhaseStarted { phase }),
            Move::FinishPhase(phase) => self.fact(EventKind::PhaseFinished { phase }),
            Move::AwaitAnswer(_) | Move::AwaitStep(_) | Move::AwaitDecision(_) => Ok(false),
            Move::Cancel(step) => self.cancel(&step),
            Move::Finish(verdict) => self.finish(verdict),
            Move::Undo(step) => self.undo(&step),
            Move::Check(step) | Move::Ask(step) | Move::Start(step)
                if self.jobs.has(&step) || self.runbook.step(&step).is_none() =>
            {
                Ok(false)
            }
            Move::Probe(step) | Move::TakeAsDone(step) if self.jobs.has(&step) => Ok(false),
            Move::Check(step) => Ok(self.check(&step)),
            Move::Ask(step) => self.ask(step),
            Move::Start(step) => self.start(&step),
            Move::Probe(step) => Ok(self.probe(&step)),
            Move::TakeAsDone(step) => {
                self.expect(&step, Outcome::new("the operator said that it happened"))
            }
            Move::Decide(step, decision) => self.decide_by_runbook(step, decision),
            Move::Skip(step) => self.skip(step),
        }
    }

    fn fact(&mut self, kind: EventKind) -> Result<bool, EngineError> {
        self.emitter.emit(kind).map(|_| true)
    }

    fn begin_run(&mut self) -> Result<bool, EngineError> {
        self.fact(EventKind::RunStarted {
            profile: self.runbook.name.clone(),
            plan: self.runbook.digest(),
            operator: self.options.operator.clone(),
            attended: self.options.attended,
        })
    }

    pub(super) fn check(&mut self, id: &StepId) -> bool {
        let (step, eyes) = (self.step(id), self.eyes());
        self.jobs.start(id, Kind::Read, |teller, _| async move {
            End::Open(eyes.until_open(&step.gates, &teller).await)
        });
        false
    }

    fn ask(&mut self, step: StepId) -> Result<bool, EngineError> {
        self.prepared.remove(&step);
        let confirm = self.state().asks(&self.step(&step));
        self.fact(EventKind::ConfirmationAsked { step, confirm })
    }

    /// Reads what the undo will need, looks at the gates once more unless that was just done, and starts.
    fn start(&mut self, id: &StepId) -> Result<bool, EngineError> {
        let step = self.step(id);
        let known = self.state().step(id);
        let before = known.before.clone().or_else(|| self.prepared.get(id).cloned());
        let attempt = known.attempt + 1;
        let Some(before) = before else {
            let eyes = self.eyes();
            self.jobs.start(id, Kind::Read, |_, _| work::prepare(eyes, step));
            return Ok(false);
        };
        if step.gates.is_empty() || self.gates_are_fresh(id) {
            self.start_now(&step, attempt, before)
        } else {
            Ok(self.check(id))
        }
    }

    fn gates_are_fresh(&self, id: &StepId) -> bool {
        let known = self.state().step(id);
        let age = |at| self.emitter.now().duration_since(at);
        let age = known.passed_at.and_then(|at| Duration::try_from(age(at)).ok());
        known.passed_since_confirmed() && age.is_some_and(|age| age <= self.options.fresh)
    }

    pub(super) fn start_now(
        &mut self,
        step: &Step,
        attempt: u32,
        before: Value,
    ) -> Result<bool, EngineError> {
        self.prepared.remove(&step.id);
        self.held.remove(&step.id);
        self.emitter.emit(EventKind::StepStarted { step: step.id.clone(), attempt, before })?;
        let (eyes, step) = (self.eyes(), step.clone());
        let id = step.id.clone();
        let (context, progress) = self.context(&id);
        self.jobs.start(&id, Kind::Act, |teller, cancel| {
            work::perform(eyes, step, StepContext { cancel, ..context }, teller, progress)
        });
        Ok(true)
    }

    fn probe(&mut self, id: &StepId) -> bool {
        let (eyes, step) = (self.eyes(), self.step(id));
        let (context, _) = self.context(id);
        self.jobs.start(id, Kind::Read, |_, cancel| {
            work::probe(eyes, step, StepContext { cancel, ..context })
        });
        false
    }

    /// It is known that the step happened; what it expects must hold all the same.
    pub(super) fn expect(&mut self, id: &StepId, outcome: Outcome) -> Result<bool, EngineError> {
        let (eyes, step) = (self.eyes(), self.step(id));
        if step.expect.is_empty() {
            return self.fact(EventKind::StepFinished { step: step.id, outcome });
        }
        self.jobs.start(id, Kind::Read, |teller, cancel| {
            work::expect_of(eyes, step, outcome, teller, cancel)
        });
        Ok(false)
    }

    fn decide_by_runbook(&mut self, step: StepId, decision: Decision) -> Result<bool, EngineError> {
        if decision == Decision::Retry && !self.retry_in(&step).is_zero() {
            return Ok(false);
        }
        self.fact(EventKind::Decided { step, decision, by: "the runbook".to_owned() })
    }

    /// How long until a failed step is tried again.
    pub(super) fn retry_in(&self, id: &StepId) -> Duration {
        let delay = self.runbook.step(id).map(|step| step.retry.delay).unwrap_or_default();
        let ended = self.state().step(id).ended_at;
        let passed = ended.map(|at| self.emitter.now().duration_since(at));
        delay.saturating_sub(passed.and_then(|it| Duration::try_from(it).ok()).unwrap_or_default())
    }

    fn skip(&mut self, step: StepId) -> Result<bool, EngineError> {
        let why = match self.state().step(&step).decided {
            Some(Decision::Skip) => "the operator decided to go on without it",
            _ => "it failed, and the runbook goes on without it",
        };
        self.fact(EventKind::StepSkipped { step, why: why.to_owned() })
    }

    fn cancel(&mut self, step: &StepId) -> Result<bool, EngineError> {
        if self.jobs.has(step) {
            self.jobs.cancel(step);
            return Ok(false);
        }
        self.given_up(step)
    }

    /// A step that was told to end and did not is left alone; it may still have effects.
    pub(super) fn given_up(&mut self, step: &StepId) -> Result<bool, EngineError> {
        let message = "it did not end when it was told to, and was left alone";
        let failure = Failure::new(FailureKind::Cancelled, message);
        self.fact(EventKind::StepFailed { step: step.clone(), failure })
    }

    fn undo(&mut self, id: &StepId) -> Result<bool, EngineError> {
        if self.jobs.any_mend() || self.jobs.has(id) {
            return Ok(false);
        }
        self.emitter.emit(EventKind::UndoStarted { step: id.clone() })?;
        let (eyes, step) = (self.eyes(), self.step(id));
        let (context, progress) = self.context(id);
        self.jobs.start(id, Kind::Undo, |teller, cancel| {
            work::undo(eyes, step, StepContext { cancel, ..context }, teller, progress)
        });
        Ok(true)
    }

    fn finish(&mut self, verdict: Verdict) -> Result<bool, EngineError> {
        if self.jobs.may_change() {
            return Ok(false);
        }
        self.fact(EventKind::RunFinished { verdict })
    }

    /// The step of a move: `next` speaks of the runbook's steps only.
    pub(super) fn step(&self, id: &StepId) -> Step {
        self.runbook.step(id).cloned().expect("moves and jobs speak of the runbook's steps only")
    }

    fn context(&self, id: &StepId) -> (StepContext, mpsc::UnboundedReceiver<Progress>) {
        let (progress, told) = mpsc::unbounded_channel();
        let state = self.state().clone();
        let known = state.step(id);
        let context = StepContext {
            run: self.run.clone(),
            attempt: known.attempt,
            started_at: known.started_at.unwrap_or_else(|| self.emitter.now()),
            before: known.before.clone().unwrap_or_default(),
            progress,
            cancel: CancellationToken::new(),
            state,
        };
        (context, told)
    }

    /// The step is at work or in doubt, and nothing that acts is in flight for it.
    pub(super) fn is_waiting_for_a_person(&self, step: &Move) -> bool {
        match step {
            Move::Ask(_) | Move::AwaitAnswer(_) | Move::AwaitDecision(_) => true,
            Move::Check(id) => self.state().step(id).status == StepStatus::Held,
            _ => false,
        }
    }
}
