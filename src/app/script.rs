//! Where a script comes from: a TOML file, the journal of an earlier run, and `--confirm`.

use std::path::Path;

use super::fault;
use crate::cli::Answers;
use crate::error::Fault;
use crate::exit::Exit;
use crate::headless::Script;
use crate::journal;
use crate::model::{Confirm, Runbook, Step};

/// Reads what answers when there is no operator, and holds it against the plan before anything happens.
pub(super) fn read(answers: &Answers, base: Script, runbook: &Runbook) -> Result<Script, Fault> {
    let mut script = match &answers.script {
        Some(path) => from_file(path, runbook)?,
        None => base,
    };
    for given in &answers.confirm {
        script.answer(given.step.clone(), &given.answer);
    }
    let problems = script.problems(runbook);
    if !problems.is_empty() {
        return Err(fault::of_script("--confirm", &problems));
    }
    let digest = runbook.digest();
    match &script.plan {
        Some(plan) if !digest.as_str().starts_with(plan.as_str()) => Err(Fault::usage(format!(
            "the script is for plan {}, but this is plan {}",
            plan.short(),
            digest.short()
        ))
        .hint("read what changed with `pgcutover plan`, then put its hash into the script")),
        _ => complete(script, runbook),
    }
}

fn complete(script: Script, runbook: &Runbook) -> Result<Script, Fault> {
    let missing = script.missing_in_window(runbook);
    if missing.is_empty() {
        return Ok(script);
    }
    let flags: Vec<String> = missing.iter().map(|step| flag(step)).collect();
    let names: Vec<String> = missing.iter().map(|step| format!("`{}`", step.id)).collect();
    Err(Fault::new(
        Exit::ConfirmationMissing,
        format!("nothing answers {}, which the window asks for", names.join(", ")),
    )
    .hint(format!("add {}", flags.join(" "))))
}

fn flag(step: &Step) -> String {
    let answer = match &step.confirm {
        Confirm::None | Confirm::Enter => "enter",
        Confirm::Yes => "yes",
        Confirm::Name(name) => name,
    };
    format!("`--confirm {}={answer}`", step.id)
}

/// A journal begins with a JSON object, TOML never does.
fn from_file(path: &Path, runbook: &Runbook) -> Result<Script, Fault> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Fault::usage(format!("cannot read the script `{name}`")).because(error))?;
    if !text.starts_with('{') {
        return Script::parse(&text, runbook)
            .map_err(|problems| fault::of_script(&name, &problems));
    }
    let recording = journal::read(path)?;
    recording.expect_plan(&runbook.digest())?;
    Script::recorded(runbook, &recording.events)
        .map_err(|illegal| Fault::from_error(Exit::RecordingIncomplete, &illegal))
}
