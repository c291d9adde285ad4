//! What the operator says, and what is said to one who cannot be followed.

use crate::journal::Append;
use crate::model::{
    Answer, Command, Decision, EventKind, Mode, Seq, StepId, StepStatus, StopReason, choices, next,
};

use super::drive::Driver;
use super::error::EngineError;
use super::executor::Executor;
use super::jobs::Kind;
use super::options::OnDetach;
use super::work;

impl<E: Executor, J: Append> Driver<E, J> {
    pub(super) fn obey(&mut self, command: Command) -> Result<(), EngineError> {
        match command {
            Command::Answer { step, .. }
            | Command::Decide { step, .. }
            | Command::Look { step }
                if self.runbook.step(&step).is_none() =>
            {
                self.refuse("answer", format!("the runbook has no step `{step}`"))
            }
            Command::Answer { step, answer, asked } => self.answer(step, &answer, asked),
            Command::Decide { step, decision } => self.decide(step, decision),
            Command::Look { step } => {
                self.look(&step);
                Ok(())
            }
            Command::Abort { why } => self.abort(why),
            Command::Stop { reason } => self.stop(reason),
            Command::Leave => self.detach(),
        }
    }

    fn answer(&mut self, step: StepId, answer: &Answer, asked: Seq) -> Result<(), EngineError> {
        let known = self.state().step(&step);
        if *self.state().mode() != Mode::Forward || known.asked.is_none() {
            return self.decline(step, "nothing is asked of it now");
        }
        if known.asked != Some(asked) {
            return self.decline(step, "the answer is to an older question");
        }
        match self.step(&step).confirm.accepts(answer) {
            Ok(()) => {
                let by = self.options.operator.clone();
                self.emitter.emit(EventKind::Confirmed { step, by }).map(drop)
            }
            Err(why) => self.decline(step, why),
        }
    }

    fn look(&mut self, step: &StepId) {
        let asks = self.state().step(step).status == StepStatus::Asked;
        let forward = *self.state().mode() == Mode::Forward && self.stopping.is_none();
        if asks && forward && !self.jobs.has(step) && !self.step(step).gates.is_empty() {
            self.check(step);
        }
    }

    fn decide(&mut self, id: StepId, decision: Decision) -> Result<(), EngineError> {
        let step = self.step(&id);
        if self.jobs.mends(&id) {
            return self.decline(id, "a mend is being applied to it");
        }
        if !choices(&step, self.state()).contains(&decision) {
            let why = self.why_not(&id, decision);
            return self.decline(id, why);
        }
        let mend = self.state().step(&id).mend().cloned();
        let by = self.options.operator.clone();
        self.emitter.emit(EventKind::Decided { step: id.clone(), decision, by })?;
        if decision == Decision::Skip {
            // Its gates need not open any more.
            self.jobs.drop_reader(&id);
        }
        if let (Decision::Mend, Some(mend)) = (decision, mend) {
            let eyes = self.eyes();
            self.jobs.start(&id, Kind::Mend, |_, _| work::mend(eyes, mend, step.timeout));
        }
        Ok(())
    }

    fn why_not(&self, id: &StepId, decision: Decision) -> String {
        let known = self.state().step(id);
        match decision {
            _ if *self.state().mode() != Mode::Forward || self.state().aborted.is_some() => {
                "the run does not go forward any more".to_owned()
            }
            Decision::Mend => "nothing that mends it is offered".to_owned(),
            _ if !matches!(known.status, StepStatus::Failed | StepStatus::Doubtful) => {
                "it has neither failed nor is it in doubt".to_owned()
            }
            Decision::Skip => "the runbook does not let it be skipped".to_owned(),
            Decision::Happened => "it failed, so it is not in doubt".to_owned(),
            Decision::Undo => "the point of no return is passed".to_owned(),
            Decision::Retry => "it cannot be tried again now".to_owned(),
        }
    }

    fn abort(&mut self, why: String) -> Result<(), EngineError> {
        if *self.state().mode() == Mode::Undoing {
            return self.refuse("abort", "everything is being undone");
        }
        if self.state().aborted.is_some() {
            return self.refuse("abort", "the run is being ended");
        }
        if self.yields() {
            return self.refuse("abort", "another operator holds the run");
        }
        self.stopping = None;
        let by = self.options.operator.clone();
        self.emitter.emit(EventKind::Aborted { by, why }).map(drop)
    }

    /// Stops, but never leaves writes stopped where they can be given back: see the module's doc.
    pub(super) fn stop(&mut self, reason: StopReason) -> Result<(), EngineError> {
        if self.yields() {
            return Ok(());
        }
        if matches!(reason, StopReason::LeaseHeld { .. }) {
            self.insisted = true;
            self.stopping = Some(reason);
            return Ok(());
        }
        let again = self.stopping.is_some();
        let stopped = self.state().writes_stopped_at.is_some();
        if *self.state().mode() == Mode::Undoing || self.state().aborted.is_some() {
            return self.stop_while_undoing(reason);
        }
        if stopped && !self.state().past_return {
            return self.abort(format!("{reason} while writes were stopped"));
        }
        self.stopping = Some(reason);
        if again {
            self.insisted = true;
        } else if stopped {
            self.refuse(
                "stop",
                "writes are stopped and cannot be given back to blue: going on until they flow or a \
                 person is needed; stop again to leave it as it is",
            )?;
        }
        Ok(())
    }

    /// Somebody else drives the run now. Giving writes back is then up to them: whatever we did, an undo too, could cross
    /// what they do.
    fn yields(&self) -> bool {
        matches!(self.stopping, Some(StopReason::LeaseHeld { .. }))
    }

    fn stop_while_undoing(&mut self, reason: StopReason) -> Result<(), EngineError> {
        if matches!(reason, StopReason::LeaseLost { .. }) {
            // No person said it, so it is not insisted on: the undo waits until the Lease is renewed.
            return Ok(());
        }
        if self.insisted {
            self.stopping = Some(reason);
            return Ok(());
        }
        self.insisted = true;
        self.refuse("stop", "it ends when everything is undone; stop again to leave it half undone")
    }

    pub(super) fn detach(&mut self) -> Result<(), EngineError> {
        if std::mem::replace(&mut self.detached, true) {
            return Ok(());
        }
        match self.options.on_detach {
            OnDetach::Stop => self.stop(StopReason::Detached),
            OnDetach::GoOn => Ok(()),
        }
    }

    /// True when the run is being stopped, and nothing new may begin.
    pub(super) fn stop_where_it_is_safe(&mut self) -> Result<bool, EngineError> {
        if matches!(self.state().mode(), Mode::Stopped(_) | Mode::Finished(_)) {
            return Ok(true);
        }
        if self.detached && self.stopping.is_none() && self.is_stuck() {
            self.stop(StopReason::Detached)?;
        }
        let Some(reason) = self.stopping.clone() else { return Ok(false) };
        if self.must_go_on() {
            return Ok(false);
        }
        self.jobs.drop_readers();
        self.jobs.cancel_all();
        if !self.jobs.may_change() {
            self.emitter.emit(EventKind::RunStopped { reason })?;
        }
        Ok(true)
    }

    /// Past the point of no return the way out is forward: writes must flow before the run is left.
    pub(super) fn must_go_on(&self) -> bool {
        self.state().writes_stopped_at.is_some()
            && self.state().past_return
            && self.state().aborted.is_none()
            && !self.insisted
            && !self.is_stuck()
    }

    /// Nothing happens any more unless a person does something.
    fn is_stuck(&self) -> bool {
        let open = next(&self.runbook, self.state());
        *self.state().mode() == Mode::Forward
            && !self.jobs.may_change()
            && !open.is_empty()
            && open.iter().all(|step| self.is_waiting_for_a_person(step))
    }

    fn decline(&mut self, step: StepId, why: impl Into<String>) -> Result<(), EngineError> {
        self.emitter.emit_if_it_fits(EventKind::Declined { step, why: why.into() }, true)
    }

    fn refuse(&mut self, command: &str, why: impl Into<String>) -> Result<(), EngineError> {
        let kind = EventKind::Refused { command: command.to_owned(), why: why.into() };
        self.emitter.emit_if_it_fits(kind, false)
    }
}
