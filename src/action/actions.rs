//! The executor: from a step to its verb.

use std::path::PathBuf;
use std::sync::OnceLock;

use k8s_openapi::api::core::v1::Secret;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::engine::{Executor, Probed, StepContext};
use crate::model::{
    Connection, Failure, Gate, Judgement, Mend, Outcome, Progress, RunState, Side, Step,
};
use crate::observe;
use crate::world::{ApiErrorKind, World};

use super::act::{Act, Deed};
use super::redact::{Redactor, names_a_secret};
use super::wait::Boxed;
use super::{dispatch, mend};

/// What the verbs find on the operator's machine.
#[derive(Debug, Clone, Default)]
pub struct Tools {
    /// Folders with PostgreSQL's client programs, before those of `PATH` (`--pg-bindir`).
    pub pg_bindirs: Vec<PathBuf>,
    /// The folder from which programs are run and files are named; the current one when empty.
    pub folder: PathBuf,
}

/// The verbs on a world.
#[derive(Debug)]
pub struct Actions {
    world: World,
    tools: Tools,
    redactor: OnceLock<Redactor>,
}

impl Actions {
    /// The verbs on this world.
    #[must_use]
    pub fn new(world: World, mut tools: Tools) -> Self {
        if tools.folder.as_os_str().is_empty() {
            tools.folder = PathBuf::from(".");
        }
        Self { world, tools, redactor: OnceLock::new() }
    }

    async fn redactor(&self) -> Redactor {
        if let Some(known) = self.redactor.get() {
            return known.clone();
        }
        let (redactor, whole) = secrets(&self.world).await;
        if whole {
            // Another task may have been faster, with the same.
            let _ = self.redactor.set(redactor.clone());
        }
        redactor
    }

    /// The same context with its progress covered where it holds a secret, and what carries the progress on until the
    /// context is dropped.
    async fn covered(&self, context: &StepContext) -> (StepContext, Boxed<'static, ()>) {
        let redactor = self.redactor().await;
        let (progress, mut told) = mpsc::unbounded_channel::<Progress>();
        let out = context.progress.clone();
        let relay = async move {
            while let Some(progress) = told.recv().await {
                let _ = out.send(redactor.progress(progress));
            }
        };
        (StepContext { progress, ..context.clone() }, Box::pin(relay))
    }

    /// Boxed: the futures of sixteen verbs are large.
    fn act<'a>(
        &'a self,
        step: &'a Step,
        context: &'a StepContext,
        deed: Deed,
    ) -> Boxed<'a, Result<Outcome, Failure>> {
        Box::pin(self.act_covered(step, context, deed))
    }

    async fn act_covered(
        &self,
        step: &Step,
        context: &StepContext,
        deed: Deed,
    ) -> Result<Outcome, Failure> {
        let (context, relay) = self.covered(context).await;
        let work = async move {
            let act = Act { world: &self.world, tools: &self.tools, step, context: &context, deed };
            match deed {
                Deed::Step => dispatch::perform(act, &step.verb).await,
                Deed::Undo => Box::pin(dispatch::undo(act)).await,
            }
        };
        let ((), done) = futures::join!(relay, work);
        let redactor = self.redactor().await;
        done.map(|done| redactor.outcome(done)).map_err(|failure| redactor.failure(failure))
    }
}

/// What is known to be secret: the passwords in the stores' Secrets, and variables whose names say so. The second is false
/// when a Secret could not be read yet.
async fn secrets(world: &World) -> (Redactor, bool) {
    let variables =
        std::env::vars().filter(|(name, _)| names_a_secret(name)).map(|(_, value)| value);
    let (mut redactor, mut whole) = (Redactor::new(variables), true);
    for side in Side::BOTH {
        let Connection::Pod { secret: Some(reference), .. } = &world.runbook.store(side).connection
        else {
            continue;
        };
        match world.cluster.get::<Secret>(&reference.name).await {
            Ok(Some(secret)) => {
                let password =
                    secret.data.and_then(|mut data| data.remove(&reference.password_key));
                redactor.add(password.and_then(|value| String::from_utf8(value.0).ok()));
            }
            // Whoever may not read it connects with what the environment says, which is covered already.
            Err(error) if error.api_kind() == Some(ApiErrorKind::Forbidden) => {}
            Ok(None) | Err(_) => whole = false,
        }
    }
    (redactor, whole)
}

impl Executor for Actions {
    async fn look(&self, gate: &Gate, state: &RunState) -> Judgement {
        observe::look(&self.world, gate, state).await
    }

    async fn prepare(&self, step: &Step) -> Result<Value, Failure> {
        let read = dispatch::prepare(&self.world, &self.tools, step, &step.verb).await;
        match read {
            Ok(value) => Ok(value),
            Err(failure) => Err(self.redactor().await.failure(failure)),
        }
    }

    async fn perform(&self, step: &Step, context: &StepContext) -> Result<Outcome, Failure> {
        self.act(step, context, Deed::Step).await
    }

    async fn undo(&self, step: &Step, context: &StepContext) -> Result<Outcome, Failure> {
        self.act(step, context, Deed::Undo).await
    }

    async fn probe(&self, step: &Step, context: &StepContext) -> Probed {
        let probed = dispatch::probe(Act {
            world: &self.world,
            tools: &self.tools,
            step,
            context,
            deed: Deed::Step,
        })
        .await;
        let redactor = self.redactor().await;
        match probed {
            Probed::Done(outcome) => Probed::Done(redactor.outcome(outcome)),
            Probed::Unknown(failure) => Probed::Unknown(redactor.failure(failure)),
            Probed::Again => Probed::Again,
        }
    }

    async fn mend(&self, mend: &Mend) -> Result<Outcome, Failure> {
        mend::mend(&self.world, mend).await
    }
}
