//! What a verb has at hand while it acts.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::engine::StepContext;
use crate::model::{Evidence, Failure, FailureKind, Outcome, Progress, Side, Step};
use crate::world::{Call, Cluster, Postgres, World, WorldError};

use super::actions::Tools;
use super::mark::Mark;

/// A step, its context and the world.
#[derive(Debug, Clone, Copy)]
pub(super) struct Act<'a> {
    pub(super) world: &'a World,
    pub(super) tools: &'a Tools,
    pub(super) step: &'a Step,
    pub(super) context: &'a StepContext,
    /// What the marks on objects say instead of the step's name: an undo is another deed than its step.
    pub(super) deed: Deed,
}

/// Which of a step's two deeds is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Step,
    Undo,
}

impl<'a> Act<'a> {
    pub(super) const fn cluster(&self) -> &'a Cluster {
        &self.world.cluster
    }

    pub(super) const fn store(&self, side: Side) -> &'a Postgres {
        self.world.store(side)
    }

    /// What is written on the objects that this step makes.
    pub(super) fn mark(&self) -> Mark {
        let step = match self.deed {
            Deed::Step => self.step.id.to_string(),
            Deed::Undo => format!("{}.undo", self.step.id),
        };
        Mark { run: self.context.run.to_string(), step, attempt: self.context.attempt }
    }

    /// What [`prepare`](crate::engine::Executor::prepare) recorded, in the verb's own shape.
    pub(super) fn before<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_value(self.context.before.clone()).map_err(|error| {
            Failure::new(
                FailureKind::Other,
                format!("what was recorded before `{}` cannot be read", self.step.id),
            )
            .because(error.to_string())
            .without_effects()
        })
    }

    /// Tells how far it is. Nobody listening is no reason to stop.
    pub(super) fn tell(&self, message: impl Into<String>) {
        self.progress(Progress { message: message.into(), ..Progress::default() });
    }

    pub(super) fn progress(&self, progress: Progress) {
        let _ = self.context.progress.send(progress);
    }

    pub(super) fn explain(&self, call: Call, error: kube::Error) -> WorldError {
        self.cluster().explain(call, error)
    }

    /// Pauses, unless the step is cancelled meanwhile.
    pub(super) async fn pause(&self, time: std::time::Duration, what: &str) -> Result<(), Failure> {
        tokio::select! {
            () = self.context.cancel.cancelled() => Err(cancelled(what)),
            () = tokio::time::sleep(time) => Ok(()),
        }
    }
}

/// The end of a wait that was told to end.
pub(super) fn cancelled(what: &str) -> Failure {
    Failure::new(FailureKind::Cancelled, format!("cancelled while waiting for {what}"))
}

/// Evidence seen now.
pub(super) fn seen(
    summary: impl Into<String>,
    source: impl Into<String>,
    details: Vec<String>,
) -> Evidence {
    Evidence { summary: summary.into(), source: source.into(), at: jiff::Timestamp::now(), details }
}

/// An outcome with one piece of evidence.
pub(super) fn outcome(summary: impl Into<String>, evidence: Vec<Evidence>, data: Value) -> Outcome {
    Outcome { summary: summary.into(), evidence, data }
}

/// A refusal before anything was changed.
pub(super) fn refused(kind: FailureKind, message: impl Into<String>) -> Failure {
    Failure::new(kind, message).without_effects()
}

/// A world's error before anything was changed.
pub(super) fn untouched(error: WorldError) -> Failure {
    Failure::from(error).without_effects()
}
