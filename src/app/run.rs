//! `pgcutover run`

use std::sync::Arc;

use color_eyre::Result;
use jiff::Timestamp;

use super::conduct::{Begun, Conduct, Taken};
use super::ending::{Clients, told};
use super::folders::Folders;
use super::front::{Front, NoTerminal};
use super::load::new_name;
use super::who::operator;
use super::{ending, load, monitor, script, signals};
use crate::cli::{Global, MonitorOptions, RunOptions};
use crate::error::Fault;
use crate::exit::Exit;
use crate::headless::Script;
use crate::journal::{self, Header, RunMode, Runs, Writer};
use crate::lab::Scenario;
use crate::model::{RunId, Runbook};
use crate::session::SessionMode;

/// Runs a cutover on a cluster.
pub(super) async fn run(folders: &Folders, global: &Global, options: RunOptions) -> Result<Exit> {
    if options.read_only {
        let RunOptions { profile, front, .. } = options;
        return monitor::monitor(
            folders,
            global,
            MonitorOptions { profile, readings: false, front },
        )
        .await;
    }
    let run = new_name(&options.profile)?;
    let mut front =
        Front::choose(&options.front, run.clone(), &folders.of(&run), NoTerminal::Refuse)?;
    let ended = conduct(folders, global, &options, run, &mut front).await;
    told(&mut front, ended)
}

async fn conduct(
    folders: &Folders,
    global: &Global,
    options: &RunOptions,
    run: RunId,
    front: &mut Front,
) -> Result<Exit> {
    let scenario =
        options.scenario.as_deref().map(Scenario::find).transpose().map_err(Fault::from)?;
    let runbook = load::rehearsed(&options.profile, global, scenario.as_ref())?;
    let script = script::read(&options.answers, Script::default(), &runbook)?;
    let target = load::target(global);
    let claimant = load::claimant(&options.lease, run.clone(), false)?;
    let mut signals = signals::listen()?;
    let conduct = Conduct {
        run: run.clone(),
        mode: SessionMode::Run,
        runbook: Arc::clone(&runbook),
        tools: load::tools(global, &options.profile),
        target,
    };
    let custody = match conduct.take(claimant, &mut signals).await? {
        Taken::Ours(custody) => *custody,
        Taken::Held(fault) if front.is_console() => {
            return monitor::instead(folders, global, &options.profile, &options.front, &fault)
                .await;
        }
        Taken::Held(fault) => return Err(fault.into()),
        Taken::Signal(signal) => return Ok(Exit::of_signal(signal)),
    };
    if let Err(fault) = custody.nothing_was_left() {
        custody.give_back().await;
        return Err(fault.into());
    }
    let recorded = load::recorded(&conduct.target, &runbook, &options.profile, &custody);
    let journal = begin(folders, &runbook, run, recorded, RunMode::Run)?;
    let begun = Begun { custody, journal, past: Vec::new() };
    let (ended, error) = conduct.drive(begun, front, &script, folders, &mut signals).await?;
    Ok(ending::end(front, &runbook, &ended, error, Clients::NotAsked)?)
}

/// Makes the journal of a new run.
pub(super) fn begin(
    folders: &Folders,
    runbook: &Arc<Runbook>,
    run: RunId,
    target: journal::Target,
    mode: RunMode,
) -> Result<Writer, Fault> {
    let header = Header::new(runbook, run, Timestamp::now(), target, operator(), mode);
    Ok(Runs::at(&folders.runs).create(&header)?)
}
