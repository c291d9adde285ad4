//! `pgcutover runs`

use std::io::Write;

use color_eyre::Result;
use serde_json::{Value, json};

use super::folders::Folders;
use super::print;
use crate::cli::TextOrJson;
use crate::error::Fault;
use crate::exit::Exit;
use crate::journal::{self, RunEntry, RunMode, Runs};
use crate::model::Mode;

/// Lists the recorded runs, the latest first.
pub(super) fn runs(folders: &Folders, output: TextOrJson) -> Result<Exit> {
    let mut runs = Runs::at(&folders.runs).list().map_err(Fault::from)?;
    runs.reverse();
    match output {
        TextOrJson::Json => {
            let runs: Vec<Value> = runs.iter().map(as_json).collect();
            print::json(&json!({ "apiVersion": "pgcutover.io/v1", "runs": runs }))
        }
        TextOrJson::Text if runs.is_empty() => {
            print::say("no run is recorded");
            Ok(Exit::Done)
        }
        TextOrJson::Text => print::to_stdout(|out| {
            let width = runs.iter().map(|entry| entry.run.as_str().len()).max().unwrap_or(0).max(3);
            writeln!(out, "{:<width$}  {:<9}  {:<12}  CREATED (UTC)", "RUN", "MODE", "STATE")?;
            runs.iter().try_for_each(|entry| {
                let (mode, state) = (mode(entry), state(entry));
                let created = entry.created.strftime("%Y-%m-%d %H:%M:%S");
                writeln!(out, "{:<width$}  {mode:<9}  {state:<12}  {created}", entry.run)
            })
        }),
    }
}

fn as_json(entry: &RunEntry) -> Value {
    json!({
        "run": entry.run,
        "profile": entry.header.runbook.name,
        "mode": mode(entry),
        "state": state(entry),
        "created": entry.created,
        "plan": entry.header.plan,
        "operator": entry.header.operator,
        "journal": entry.journal,
    })
}

fn mode(entry: &RunEntry) -> &'static str {
    match entry.header.mode {
        RunMode::Run => "run",
        RunMode::Rehearsal => "rehearsal",
    }
}

/// How it stands, by its journal; `driven` while a console writes it.
fn state(entry: &RunEntry) -> &'static str {
    if journal::is_driven(&entry.journal) {
        return "driven";
    }
    let folded = journal::read(&entry.journal).and_then(|recording| recording.fold());
    match folded.as_ref().map(crate::model::RunState::mode) {
        Err(_) => "unreadable",
        Ok(Mode::Finished(verdict)) => verdict.word(),
        Ok(Mode::Stopped(_)) => "stopped",
        Ok(Mode::New | Mode::Forward | Mode::Undoing) => "left",
    }
}
