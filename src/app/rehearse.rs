//! `pgcutover rehearse`

use std::sync::Arc;

use color_eyre::Result;

use super::conduct::{Begun, Conduct, Taken};
use super::ending::{Clients, told};
use super::folders::Folders;
use super::front::{Front, NoTerminal};
use super::load::new_name;
use super::report::AUDIT;
use super::world::{self, Wanted};
use super::{ending, fault, load, run, script, signals};
use crate::action::Tools;
use crate::cli::{Global, Lease, RehearseOptions};
use crate::error::Fault;
use crate::exit::Exit;
use crate::headless::Script;
use crate::journal::RunMode;
use crate::lab::{Audit, Lab, Scenario};
use crate::model::RunId;
use crate::session::SessionMode;
use crate::world::Target;

/// Rehearses a cutover in a world of its own, which ends with it.
pub(super) async fn rehearse(
    folders: &Folders,
    global: &Global,
    options: RehearseOptions,
) -> Result<Exit> {
    let run = new_name(&options.world.profile)?;
    let mut front =
        Front::choose(&options.front, run.clone(), &folders.of(&run), NoTerminal::GoOn)?;
    let ended = conduct(folders, global, &options, run, &mut front).await;
    told(&mut front, ended)
}

async fn conduct(
    folders: &Folders,
    global: &Global,
    options: &RehearseOptions,
    run: RunId,
    front: &mut Front,
) -> Result<Exit> {
    let scenario = Scenario::find(&options.world.scenario).map_err(Fault::from)?;
    let runbook = load::rehearsed(&options.world.profile, global, Some(&scenario))?;
    let shipped = if front.is_console() {
        Script::default()
    } else {
        super::scenario::script(&scenario, &runbook)
            .map_err(|problems| fault::of_script("the rehearsal's own script", &problems))?
    };
    let script = script::read(&options.answers, shipped, &runbook)?;
    let mut signals = signals::listen()?;
    let wanted = Wanted {
        profile: &runbook.name,
        scenario,
        scale: options.world.scale,
        keep: options.world.keep,
    };
    let lab = match world::start(global, wanted, &mut signals).await? {
        world::Started::Lab(lab) => lab,
        world::Started::Signal(signal) => return Ok(Exit::of_signal(signal)),
    };
    super::print::say(world::look_at(lab.environment()));
    let kubeconfig = Some(lab.kubeconfig().to_owned());
    let target = Target { kubeconfig, namespace: global.namespace.clone(), ..Target::default() };
    let lease = Lease { take_over: None, lease_seconds: 60 };
    let claimant = load::claimant(&lease, run.clone(), false)?;
    let conduct = Conduct {
        run: run.clone(),
        mode: SessionMode::Rehearsal,
        runbook: Arc::clone(&runbook),
        target,
        // what a rehearsal writes belongs to the rehearsal, not into the folder that it was started in
        tools: Tools { folder: folders.of(&run), pg_bindirs: global.pg_bindir.clone() },
    };
    let custody = match conduct.take(claimant, &mut signals).await? {
        Taken::Ours(custody) => *custody,
        Taken::Held(fault) => return Err(fault.into()),
        Taken::Signal(signal) => return Ok(Exit::of_signal(signal)),
    };
    let recorded = load::recorded(&conduct.target, &runbook, &options.world.profile, &custody);
    let journal = run::begin(folders, &runbook, run.clone(), recorded, RunMode::Rehearsal)?;
    let begun = Begun { custody, journal, past: Vec::new() };
    let driven = conduct.drive(begun, front, &script, folders, &mut signals).await;
    let audit = audited(&lab, folders, &run).await;
    lab.shutdown().await;
    let (ended, error) = driven?;
    let clients = audit.as_ref().map_or(Clients::Unknown, Clients::Audited);
    Ok(ending::end(front, &runbook, &ended, error, clients)?)
}

/// The audit, also beside the journal for the report. One that cannot be made leaves its figures unknown.
async fn audited(lab: &Lab, folders: &Folders, run: &RunId) -> Option<Audit> {
    let audit = match lab.audit().await {
        Ok(audit) => audit,
        Err(error) => {
            super::print::say(format!(
                "warning: the acknowledged writes could not be audited: {error}"
            ));
            return None;
        }
    };
    let path = folders.of(run).join(AUDIT);
    let kept = serde_json::to_vec_pretty(&audit)
        .map_err(std::io::Error::from)
        .and_then(|text| std::fs::write(&path, text));
    if let Err(error) = kept {
        tracing::warn!(%error, path = %path.display(), "the audit is not kept");
    }
    Some(audit)
}
