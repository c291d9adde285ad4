//! `pgcutover preflight`: looks at the gates of the first phase, and performs nothing.

use std::io::Write;

use color_eyre::Result;
use futures::future::join_all;
use serde_json::{Value, json};

use super::load::new_name;
use super::{load, print};
use crate::action::Actions;
use crate::cli::{Global, PreflightOptions, TextOrJson};
use crate::engine::Executor;
use crate::error::Fault;
use crate::exit::Exit;
use crate::model::{Judgement, Opening, RunState, Runbook, StepId};
use crate::world::{Access, World};

/// Looks at every gate of the preflight at once.
pub(super) async fn preflight(global: &Global, options: &PreflightOptions) -> Result<Exit> {
    let runbook = load::runbook(&options.profile, global)?;
    let run = new_name(&options.profile)?;
    // asking for a permission is a POST, though it changes nothing, and a read-only client sends none
    let world = World::connect(runbook.clone(), run, load::target(global), Access::ReadWrite)
        .await
        .map_err(Fault::from)?;
    let actions = Actions::new(world, load::tools(global, &options.profile));
    let state = RunState::new(&runbook);
    let Some(phase) = runbook.phases.first() else { return Ok(Exit::Done) };
    let gates = phase.steps.iter().flat_map(|step| step.gates.iter().map(move |gate| (step, gate)));
    let looks =
        gates.map(|(step, gate)| async { (step.id.clone(), actions.look(gate, &state).await) });
    let judged = join_all(looks).await;
    print(&runbook, &judged, options.output)?;
    let open = judged.iter().all(|(_, judgement)| judgement.is_open());
    Ok(if open { Exit::Done } else { Exit::GateHeld })
}

fn print(runbook: &Runbook, judged: &[(StepId, Judgement)], output: TextOrJson) -> Result<Exit> {
    if output == TextOrJson::Json {
        let gates: Vec<Value> =
            judged.iter().map(|(step, judgement)| with_step(step, judgement)).collect();
        return print::json(&json!({
            "apiVersion": "pgcutover.io/v1",
            "profile": runbook.name,
            "plan": runbook.digest(),
            "gates": gates,
        }));
    }
    print::to_stdout(|out| judged.iter().try_for_each(|(_, judgement)| line(out, judgement)))
}

fn with_step(step: &StepId, judgement: &Judgement) -> Value {
    let mut value = json!(judgement);
    value["step"] = json!(step);
    value
}

fn line(out: &mut impl Write, judgement: &Judgement) -> std::io::Result<()> {
    let word = match judgement.opening {
        Opening::Open => "ok  ",
        Opening::Held => "FAIL",
        Opening::Unknown => "wait",
    };
    writeln!(out, "{word}  {}: {}", judgement.gate, judgement.evidence.summary)?;
    for detail in &judgement.evidence.details {
        writeln!(out, "        {detail}")?;
    }
    if judgement.is_open() {
        return Ok(());
    }
    let Some(fix) = &judgement.fix else { return Ok(()) };
    writeln!(out, "      fix: {}", fix.title)?;
    fix.command.as_ref().map_or(Ok(()), |command| writeln!(out, "        {command}"))
}
