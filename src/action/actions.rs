//! The executor: from a step to its verb.

use std::path::PathBuf;

use k8s_openapi::api::core::v1::Secret;
use serde_json::{Value, json};
use tokio::sync::{OnceCell, mpsc};

use crate::engine::{Executor, Probed, StepContext};
use crate::model::{
    Connection, Failure, Gate, Judgement, Mend, Outcome, Progress, RunState, Side, Step, Undo, Verb,
};
use crate::observe;
use crate::world::World;

use super::act::{Act, Deed, untouched};
use super::mark::Mark;
use super::redact::{Redactor, names_a_secret};
use super::sql::Script;
use super::wait::Boxed;
use super::{
    apply, backup, delete, exec, fence, job, mend, patch, restart, scale, soak, sql, switch, verify,
};

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
    redactor: OnceCell<Redactor>,
}

impl Actions {
    /// The verbs on this world.
    #[must_use]
    pub fn new(world: World, mut tools: Tools) -> Self {
        if tools.folder.as_os_str().is_empty() {
            tools.folder = PathBuf::from(".");
        }
        Self { world, tools, redactor: OnceCell::new() }
    }

    /// What is known to be secret: the passwords in the stores' Secrets, and variables whose names say so.
    async fn redactor(&self) -> &Redactor {
        self.redactor.get_or_init(|| secrets(&self.world)).await
    }

    /// The same context with its progress covered where it holds a secret, and what carries the progress on until the
    /// context is dropped.
    async fn covered(&self, context: &StepContext) -> (StepContext, Boxed<'static, ()>) {
        let redactor = self.redactor().await.clone();
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
                Deed::Step => perform(act, &step.verb).await,
                Deed::Undo => Box::pin(undo(act)).await,
            }
        };
        let ((), done) = futures::join!(relay, work);
        let redactor = self.redactor().await;
        done.map(|done| redactor.outcome(done)).map_err(|failure| redactor.failure(failure))
    }
}

async fn secrets(world: &World) -> Redactor {
    let variables =
        std::env::vars().filter(|(name, _)| names_a_secret(name)).map(|(_, value)| value);
    let mut redactor = Redactor::new(variables);
    for side in Side::BOTH {
        let Connection::Pod { secret: Some(reference), .. } = &world.runbook.store(side).connection
        else {
            continue;
        };
        // Whoever may not read it connects with what the environment says, which is covered already.
        let Ok(Some(secret)) = world.cluster.get::<Secret>(&reference.name).await else { continue };
        let password = secret.data.and_then(|mut data| data.remove(&reference.password_key));
        redactor.add(password.and_then(|value| String::from_utf8(value.0).ok()));
    }
    redactor
}

impl Executor for Actions {
    async fn look(&self, gate: &Gate, state: &RunState) -> Judgement {
        observe::look(&self.world, gate, state).await
    }

    async fn prepare(&self, step: &Step) -> Result<Value, Failure> {
        let mark = Mark { run: self.world.run.to_string(), step: step.id.to_string(), attempt: 1 };
        let world = &self.world;
        let read = match &step.verb {
            Verb::Apply { manifests, force } => {
                apply::prepare(world, manifests, *force, &mark).await
            }
            Verb::Delete { objects } => delete::prepare(world, objects).await,
            Verb::Scale { workload, replicas } => scale::prepare(world, workload, *replicas).await,
            Verb::SwitchService { service, .. } => switch::prepare(world, service).await,
            Verb::Patch { object, kind, patch } => {
                patch::prepare(world, step, object, *kind, patch).await
            }
            Verb::Backup { path, .. } => backup::prepare(&self.tools.folder, path),
            Verb::Fence { side } => fence::Former::read(world, *side, step.id.as_str())
                .await
                .map(|former| json!(former))
                .map_err(untouched),
            Verb::Check
            | Verb::Manual { .. }
            | Verb::Exec { .. }
            | Verb::Job { .. }
            | Verb::Restart { .. }
            | Verb::Sql { .. }
            | Verb::Unfence { .. }
            | Verb::Verify { .. }
            | Verb::Soak { .. } => Ok(Value::Null),
        };
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
        let probed =
            probe(Act { world: &self.world, tools: &self.tools, step, context, deed: Deed::Step })
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

/// Does what a verb says.
fn perform<'a>(act: Act<'a>, verb: &'a Verb) -> Boxed<'a, Result<Outcome, Failure>> {
    match verb {
        Verb::Check => Box::pin(async { Ok(Outcome::new("its gates are the step")) }),
        Verb::Manual { .. } => {
            Box::pin(async { Ok(Outcome::new("the operator said that it is done")) })
        }
        Verb::Exec { argv, cwd, env, .. } => {
            Box::pin(exec::perform(act, argv, &act.tools.folder, cwd.as_deref(), env))
        }
        Verb::Apply { manifests, force } => Box::pin(apply::perform(act, manifests, *force)),
        Verb::Delete { objects } => Box::pin(delete::perform(act, objects)),
        Verb::Job { manifest } => Box::pin(job::perform(act, manifest)),
        Verb::Scale { workload, replicas } => Box::pin(scale::perform(act, workload, *replicas)),
        Verb::SwitchService { service, to } => Box::pin(switch::perform(act, service, *to)),
        Verb::Patch { object, kind, patch } => Box::pin(patch::perform(act, object, *kind, patch)),
        Verb::Restart { workload } => Box::pin(restart::perform(act, workload)),
        Verb::Sql { .. } => Box::pin(sql::perform(act, script(verb))),
        Verb::Fence { side } => Box::pin(fence::shut(act.world, *side, act.step, act.context)),
        Verb::Unfence { side } => {
            Box::pin(fence::lift(act.world, *side, None, act.step.id.as_str()))
        }
        Verb::Backup { side, .. } => Box::pin(backup::perform(act, *side, &act.tools.pg_bindirs)),
        Verb::Verify { scopes } => Box::pin(verify::perform(act, scopes)),
        Verb::Soak { hold, gates } => Box::pin(soak::perform(act, *hold, gates)),
    }
}

fn script(verb: &Verb) -> Script<'_> {
    match verb {
        Verb::Sql { side, statement, transaction, idempotent, probe } => Script {
            side: *side,
            statement,
            transaction: *transaction,
            idempotent: *idempotent,
            probe: probe.as_deref(),
        },
        _ => unreachable!("only `sql` has a script"),
    }
}

async fn undo(act: Act<'_>) -> Result<Outcome, Failure> {
    match &act.step.undo {
        Undo::Nothing => Ok(Outcome::new("there is nothing to undo")),
        Undo::Verb(verb) => perform(act, verb).await,
        Undo::Former => Box::pin(former(act)).await,
    }
}

/// The verb's own opposite.
async fn former(act: Act<'_>) -> Result<Outcome, Failure> {
    let mark = Act { deed: Deed::Step, ..act }.mark();
    match &act.step.verb {
        Verb::Apply { .. } => apply::undo(act, &mark).await,
        Verb::Job { manifest } => Box::pin(job::undo(act, manifest, &mark)).await,
        Verb::Scale { workload, .. } => scale::undo(act, workload).await,
        Verb::SwitchService { service, to } => switch::undo(act, service, *to).await,
        Verb::Patch { object, .. } => patch::undo(act, object).await,
        Verb::Fence { side } => {
            let former = act.before().ok();
            fence::lift(act.world, *side, former, act.step.id.as_str()).await
        }
        Verb::Unfence { side } => fence::shut(act.world, *side, act.step, act.context).await,
        Verb::Backup { .. } => backup::undo(act),
        Verb::Check
        | Verb::Manual { .. }
        | Verb::Exec { .. }
        | Verb::Delete { .. }
        | Verb::Restart { .. }
        | Verb::Sql { .. }
        | Verb::Verify { .. }
        | Verb::Soak { .. } => {
            Ok(Outcome::new(format!("`{}` has nothing to undo", act.step.verb.word())))
        }
    }
}

async fn probe(act: Act<'_>) -> Probed {
    match &act.step.verb {
        Verb::Job { manifest } => job::probe(act, manifest).await,
        Verb::Sql { .. } => sql::probe(act, script(&act.step.verb)).await,
        Verb::Patch { object, kind, patch } => patch::probe(act, object, *kind, patch).await,
        Verb::SwitchService { .. } => switch::probe(),
        Verb::Exec { idempotent, .. } => exec::probe(*idempotent),
        // Doing these again from where they are ends as if they had been done once.
        Verb::Check
        | Verb::Manual { .. }
        | Verb::Apply { .. }
        | Verb::Delete { .. }
        | Verb::Scale { .. }
        | Verb::Restart { .. }
        | Verb::Fence { .. }
        | Verb::Unfence { .. }
        | Verb::Backup { .. }
        | Verb::Verify { .. }
        | Verb::Soak { .. } => Probed::Again,
    }
}
