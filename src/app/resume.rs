//! `pgcutover resume`

use std::sync::Arc;

use color_eyre::Result;

use super::conduct::Conduct;
use super::ending::{Clients, told};
use super::folders::Folders;
use super::front::{Front, NoTerminal};
use super::who::operator;
use super::{ending, load, print, script, signals};
use crate::cli::{Global, ResumeOptions};
use crate::error::Fault;
use crate::exit::Exit;
use crate::headless::Script;
use crate::journal::{Header, Recording, RunEntry, RunMode, Runs, Writer};
use crate::model::Runbook;
use crate::session::SessionMode;
use crate::world::Target;

/// Takes a run up again.
pub(super) async fn resume(
    folders: &Folders,
    global: &Global,
    options: ResumeOptions,
) -> Result<Exit> {
    let entry = find(folders, options.run.as_deref())?;
    let mut front =
        Front::choose(&options.front, entry.run.clone(), &entry.folder, NoTerminal::Refuse)?;
    let ended = conduct(folders, global, &options, entry, &mut front).await;
    told(&mut front, ended)
}

async fn conduct(
    folders: &Folders,
    global: &Global,
    options: &ResumeOptions,
    entry: RunEntry,
    front: &mut Front,
) -> Result<Exit> {
    let (journal, Recording { header, events, torn, .. }) =
        Writer::resume(&entry.journal).map_err(Fault::from)?;
    if torn > 0 {
        print::say(format!(
            "warning: the journal `{}` ends in the middle of a line: what that line told is looked for in the world",
            entry.journal.display()
        ));
    }
    let target = target(global, &header);
    let tools = load::tools(global, profile_of(&header));
    let runbook = plan(global, header)?;
    let script = script::read(&options.answers, Script::default(), &runbook)?;
    let mut signals = signals::listen()?;
    let conduct = Conduct {
        run: entry.run,
        mode: SessionMode::Run,
        runbook: Arc::clone(&runbook),
        target,
        journal,
        past: events,
        operator: operator(),
        tools,
    };
    let (ended, error) = conduct.drive(front, &script, &folders.logs, &mut signals).await?;
    Ok(ending::end(front, &runbook, &ended, error, Clients::NotAsked)?)
}

/// The run that is meant: the named one, or the latest that was not a rehearsal.
fn find(folders: &Folders, name: Option<&str>) -> Result<RunEntry, Fault> {
    let runs = Runs::at(&folders.runs);
    let entry = if let Some(name) = name {
        runs.find(name)?
    } else {
        let latest = runs.list()?.into_iter().rfind(|entry| entry.header.mode == RunMode::Run);
        latest.ok_or_else(|| {
            Fault::usage("there is no run to resume")
                .hint("`pgcutover runs` lists what is recorded")
        })?
    };
    if entry.header.mode == RunMode::Rehearsal {
        return Err(Fault::usage(format!("`{}` was a rehearsal, and its world is gone", entry.run))
            .hint("to practise a resume, start a world with `pgcutover lab up` and point `pgcutover run` at it"));
    }
    Ok(entry)
}

/// The place that the run was begun in, unless flags say otherwise.
fn target(global: &Global, header: &Header) -> Target {
    let flags = load::target(global);
    let recorded = &header.target;
    Target {
        kubeconfig: flags.kubeconfig.or_else(|| recorded.kubeconfig.as_ref().map(Into::into)),
        context: flags.context.or_else(|| recorded.context.clone()),
        namespace: flags.namespace.or_else(|| Some(recorded.namespace.clone())),
        ..Target::default()
    }
}

/// The journal's own plan. A plan that applies Secrets is kept without their contents, which are read from the profile again.
fn plan(global: &Global, header: Header) -> Result<Arc<Runbook>, Fault> {
    if !header.runbook.is_redacted() {
        return Ok(Arc::new(header.runbook));
    }
    let profile = profile_of(&header);
    let namespace = Some(header.target.namespace.clone());
    let runbook = load::runbook(profile, &Global { namespace, ..global.clone() })?;
    if runbook.digest() == header.plan {
        return Ok(runbook);
    }
    Err(Fault::usage(format!("the profile `{profile}` is no longer the plan of this run"))
        .because("the plan applies Secrets, whose contents a journal does not keep")
        .hint(format!("put the profile back as it was at plan {}", header.plan.short())))
}

/// The profile as it was named when the run began.
fn profile_of(header: &Header) -> &str {
    header.target.overrides.get("profile").map_or(header.runbook.name.as_str(), String::as_str)
}
