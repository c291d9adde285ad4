//! From a step to its verb: what each does, undoes, records before and asks after a crash.

use serde_json::{Value, json};

use crate::engine::{Probed, StepContext};
use crate::model::{Failure, Outcome, Step, Undo, Verb};
use crate::world::World;

use super::act::{Act, Deed, untouched};
use super::actions::Tools;
use super::mark::Mark;
use super::sql::Script;
use super::wait::Boxed;
use super::{
    apply, backup, delete, exec, fence, job, patch, restart, scale, soak, sql, switch, verify,
};

/// Reads what the undo of a verb will need.
pub(super) async fn prepare(
    world: &World,
    tools: &Tools,
    step: &Step,
    verb: &Verb,
) -> Result<Value, Failure> {
    match verb {
        Verb::Apply { manifests, force } => {
            let mark = Mark { run: world.run.to_string(), step: step.id.to_string(), attempt: 1 };
            apply::prepare(world, manifests, *force, &mark).await
        }
        Verb::Delete { objects } => delete::prepare(world, objects).await,
        Verb::Scale { workload, replicas } => scale::prepare(world, workload, *replicas).await,
        Verb::SwitchService { service, .. } => switch::prepare(world, service).await,
        Verb::Patch { object, kind, patch } => {
            patch::prepare(world, step, object, *kind, patch).await
        }
        Verb::Backup { path, .. } => backup::prepare(&tools.folder, path),
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
    }
}

/// Does what a verb says.
pub(super) fn perform<'a>(act: Act<'a>, verb: &'a Verb) -> Boxed<'a, Result<Outcome, Failure>> {
    match verb {
        Verb::Check => Box::pin(async { Ok(Outcome::new("it only looks: its gates are open")) }),
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

/// Undoes a step. A verb that undoes another needs what its own preparation tells of the world as it is now.
pub(super) async fn undo(act: Act<'_>) -> Result<Outcome, Failure> {
    match &act.step.undo {
        Undo::Nothing => Ok(Outcome::new("there is nothing to undo")),
        Undo::Former => Box::pin(former(act)).await,
        Undo::Verb(verb) => {
            let before = prepare(act.world, act.tools, act.step, verb).await?;
            let context = StepContext { before, ..act.context.clone() };
            perform(Act { context: &context, ..act }, verb).await
        }
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

pub(super) async fn probe(act: Act<'_>) -> Probed {
    match &act.step.verb {
        Verb::Job { manifest } => job::probe(act, manifest).await,
        Verb::Sql { .. } => sql::probe(act, script(&act.step.verb)).await,
        Verb::Patch { object, kind, patch } => patch::probe(act, object, *kind, patch).await,
        Verb::Exec { idempotent, .. } => exec::probe(*idempotent),
        // Doing these again from where they are ends as if they had been done once.
        Verb::Check
        | Verb::Manual { .. }
        | Verb::Apply { .. }
        | Verb::Delete { .. }
        | Verb::Scale { .. }
        | Verb::SwitchService { .. }
        | Verb::Restart { .. }
        | Verb::Fence { .. }
        | Verb::Unfence { .. }
        | Verb::Backup { .. }
        | Verb::Verify { .. }
        | Verb::Soak { .. } => Probed::Again,
    }
}
