//! The seam to the world: five questions that the engine asks of whoever acts.

use std::future::Future;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::model::{Failure, Gate, Judgement, Mend, Outcome, Progress, RunId, RunState, Step};

/// What the world says of a step that is in doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probed {
    /// It happened, whole.
    Done(Outcome),
    /// It did not happen, or it may be performed again from where it is: performing it now ends as if it had been performed once.
    Again,
    /// The world cannot tell.
    Unknown(Failure),
}

/// What a verb needs to know beside its step.
#[derive(Debug, Clone)]
pub struct StepContext {
    /// The run, for labels, annotations and `application_name`.
    pub run: RunId,
    /// How often the step was started, this time included.
    pub attempt: u32,
    /// When it was first started, by the journal: a soak that survives its console counts from here.
    pub started_at: Timestamp,
    /// What [`Executor::prepare`] recorded before the first attempt.
    pub before: Value,
    /// The fold so far: outcomes of earlier steps, such as the position at the fence.
    pub state: RunState,
    /// Where to tell how far it is. Progress may be lost.
    pub progress: mpsc::UnboundedSender<Progress>,
    /// Set when the operator or a budget ends the step. Every wait looks at it.
    pub cancel: CancellationToken,
}

/// Whoever acts on the world. Owned by the engine, implemented by the verbs.
pub trait Executor: Send + Sync + 'static {
    /// Looks at a gate. It never fails: what could not be seen is unknown.
    fn look(&self, gate: &Gate, state: &RunState) -> impl Future<Output = Judgement> + Send;

    /// Reads what a step's undo will need, before anything is changed. The answer goes into the journal: no secrets.
    fn prepare(&self, step: &Step) -> impl Future<Output = Result<Value, Failure>> + Send;

    /// Does it. Performing a step again after a crash, with the same attempt, must converge.
    fn perform(
        &self,
        step: &Step,
        context: &StepContext,
    ) -> impl Future<Output = Result<Outcome, Failure>> + Send;

    /// Undoes it, wholly or partly done. Idempotent.
    fn undo(
        &self,
        step: &Step,
        context: &StepContext,
    ) -> impl Future<Output = Result<Outcome, Failure>> + Send;

    /// Asks the world whether a step happened.
    fn probe(&self, step: &Step, context: &StepContext) -> impl Future<Output = Probed> + Send;

    /// Applies a fix that a failure offered.
    fn mend(&self, mend: &Mend) -> impl Future<Output = Result<Outcome, Failure>> + Send;
}
