//! `pgcutover resume`

use std::sync::Arc;

use color_eyre::{Report, Result};
use tokio::sync::mpsc::UnboundedReceiver;

use super::conduct::{Begun, Conduct, Taken};
use super::custody::{self, Custody};
use super::ending::{Clients, told};
use super::folders::Folders;
use super::front::{Front, NoTerminal};
use super::load::new_name;
use super::waiting::Waiting;
use super::{ending, load, monitor, print, script, signals};
use crate::cli::{Global, ResumeOptions};
use crate::error::Fault;
use crate::exit::Exit;
use crate::headless::Script;
use crate::journal::{Header, Recording, RunEntry, RunMode, Runs, Writer};
use crate::model::{Event, RunId, Runbook};
use crate::session::SessionMode;
use crate::world::{Access, Cluster, Target};

/// A run that is about to be taken up again.
struct Found {
    run: RunId,
    header: Header,
    target: Target,
    /// The profile, which has the contents of Secrets that a journal does not keep.
    profile: String,
    journal: Option<(Writer, Vec<Event>, String)>,
}

/// Takes a run up again.
pub(super) async fn resume(
    folders: &Folders,
    global: &Global,
    options: ResumeOptions,
) -> Result<Exit> {
    let (mut signals, waiting) = (signals::listen()?, Waiting::default());
    let (front, found) = match &options.from_cluster {
        None => {
            let entry = find(folders, options.run.as_deref())?;
            let front = Front::choose(
                &options.front,
                entry.run.clone(),
                &entry.folder,
                NoTerminal::Refuse,
            )?;
            (front, here(global, entry))
        }
        Some(profile) => {
            let reading = elsewhere(global, profile, &waiting);
            let found = match waiting.until(&mut signals, reading).await {
                Ok(found) => found,
                Err(signal) => return Ok(Exit::of_signal(signal)),
            };
            let run = found.as_ref().map_or_else(|_| new_name(profile), |it| Ok(it.run.clone()))?;
            let folder = Runs::at(&folders.runs).folder_of(&run);
            (Front::choose(&options.front, run, &folder, NoTerminal::Refuse)?, found)
        }
    };
    let mut front = front;
    let ended = match found {
        Ok(found) => {
            Box::pin(conduct(folders, global, &options, found, &mut front, &mut signals)).await
        }
        Err(fault) => Err(Report::from(fault)),
    };
    told(&mut front, ended)
}

async fn conduct(
    folders: &Folders,
    global: &Global,
    options: &ResumeOptions,
    found: Found,
    front: &mut Front,
    signals: &mut UnboundedReceiver<i32>,
) -> Result<Exit> {
    let Found { run, header, target, profile, journal } = found;
    let tools = load::tools(global, &profile);
    let runbook = plan(global, header.clone(), &profile)?;
    let script = script::read(&options.answers, Script::default(), &runbook)?;
    let claimant = load::claimant(&options.lease, run.clone(), journal.is_some())?;
    let (mode, plan) = (SessionMode::Run, Arc::clone(&runbook));
    let conduct = Conduct { run: run.clone(), mode, runbook: plan, target, tools };
    let custody = match conduct.take(claimant, signals).await? {
        Taken::Ours(custody) => *custody,
        Taken::Held(fault) if front.is_console() => {
            let asked = &options.front;
            return monitor::instead(folders, global, &profile, asked, &fault).await;
        }
        Taken::Held(fault) => return Err(fault.into()),
        Taken::Signal(signal) => return Ok(Exit::of_signal(signal)),
    };
    let opened = same_cluster(&header, &custody).and_then(|()| match journal {
        Some((writer, events, text)) => custody.agrees_with(&text).map(|()| (writer, events)),
        None => fetch(folders, &run, &custody),
    });
    let (journal, past) = match opened {
        Ok(opened) => opened,
        Err(fault) => {
            custody.give_back().await;
            return Err(fault.into());
        }
    };
    let begun = Begun { custody, journal, past };
    let (ended, error) = conduct.drive(begun, front, &script, folders, signals).await?;
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
            Fault::usage("there is no run to resume").hint(
                "`pgcutover runs` lists what is recorded; `--from-cluster PROFILE` goes on with another machine's",
            )
        })?
    };
    if entry.header.mode == RunMode::Rehearsal {
        return Err(Fault::usage(format!("`{}` was a rehearsal, and its world is gone", entry.run))
            .hint("to practise a resume, start a world with `pgcutover lab up` and point `pgcutover run` at it"));
    }
    Ok(entry)
}

/// Opens the journal of a run that was recorded on this machine.
fn here(global: &Global, entry: RunEntry) -> Result<Found, Fault> {
    let (writer, Recording { header, events, torn, .. }) = Writer::resume(&entry.journal)?;
    if torn > 0 {
        print::say(format!(
            "warning: the journal `{}` ends in the middle of a line: what that line told is looked for in the world",
            entry.journal.display()
        ));
    }
    let text = text_of(&writer)?;
    Ok(Found {
        run: entry.run,
        target: target(global, &header),
        profile: profile_of(&header).to_owned(),
        header,
        journal: Some((writer, events, text)),
    })
}

/// Reads which run of a profile was mirrored last.
async fn elsewhere(global: &Global, profile: &str, waiting: &Waiting) -> Result<Found, Fault> {
    let runbook = load::runbook(profile, global)?;
    let target = load::target(global);
    let cluster = Cluster::connect(&target, &runbook.cluster.namespace, Access::ReadOnly).await?;
    waiting.begin(format!("the journal's mirror at {}", cluster.server()));
    let mirrored = custody::read(&cluster, &runbook).await?;
    if mirrored.run().is_none() {
        let name = &runbook.name;
        return Err(Fault::usage(format!("the cluster has no journal of a run of `{name}`")).hint(
            "it is mirrored into the namespace that the run acts in: check `-n` and `--context`",
        ));
    }
    let header = mirrored.recording()?.header;
    if header.mode == RunMode::Rehearsal {
        return Err(Fault::usage(format!("`{}` was a rehearsal", header.run)));
    }
    Ok(Found {
        run: header.run.clone(),
        header,
        target,
        profile: profile.to_owned(),
        journal: None,
    })
}

/// Puts the mirrored journal into its run's folder. One that is there and went another way is set aside.
fn fetch(folders: &Folders, run: &RunId, custody: &Custody) -> Result<(Writer, Vec<Event>), Fault> {
    let runs = Runs::at(&folders.runs);
    let (folder, text) = (runs.folder_of(run), custody.mirrored.text());
    let journal = folder.join(crate::journal::JOURNAL);
    if journal.exists() {
        // Its lock is what keeps a console on this machine from being overrun.
        let (writer, Recording { events, .. }) = Writer::resume(&journal)?;
        let known = text_of(&writer)?;
        if known.starts_with(&text) {
            return Ok((writer, events));
        }
        if !text.starts_with(&known) {
            let aside = folder.join(format!("journal-until-{}.jsonl", known.len()));
            print::say(format!("the journal that was here is kept as {}", aside.display()));
            std::fs::copy(&journal, &aside).map_err(|error| unreadable(&error))?;
        }
    }
    let journal = Writer::import(&folder, text.as_bytes())?;
    let (writer, Recording { events, .. }) = Writer::resume(&journal)?;
    print::say(format!("the journal was fetched from the cluster: {} events", events.len()));
    Ok((writer, events))
}

fn text_of(journal: &Writer) -> Result<String, Fault> {
    std::fs::read_to_string(journal.path()).map_err(|error| unreadable(&error))
}

fn unreadable(error: &std::io::Error) -> Fault {
    Fault::new(Exit::RecordingIncomplete, "the journal cannot be read").because(error)
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

/// A kubeconfig can be changed: what was begun in one cluster does not go on in another.
fn same_cluster(header: &Header, custody: &Custody) -> Result<(), Fault> {
    let (recorded, cluster) = (&header.target, &custody.world().cluster);
    let uid = &custody.cluster;
    let (what, was, is) = match (&recorded.cluster, uid, &recorded.server) {
        (Some(was), Some(is), _) => {
            ("namespace kube-system has the UID", was.as_str(), is.as_str())
        }
        (_, _, Some(was)) => ("the API server is", was.as_str(), cluster.server()),
        _ => return Ok(()),
    };
    if was == is {
        return Ok(());
    }
    Err(Fault::usage(format!("run `{}` was begun in another cluster", header.run))
        .because(format!("{what} {is} here, and {was} where it was begun"))
        .hint("name the right one with `--kubeconfig` and `--context`"))
}

/// The journal's own plan. A plan that applies Secrets is kept without their contents, which are read from the profile again.
fn plan(global: &Global, header: Header, profile: &str) -> Result<Arc<Runbook>, Fault> {
    if !header.runbook.is_redacted() {
        return Ok(Arc::new(header.runbook));
    }
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
