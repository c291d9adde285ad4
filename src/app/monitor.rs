//! `pgcutover monitor`: a session without controls on a world that refuses to be changed.

use color_eyre::Result;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::ending::told;
use super::folders::Folders;
use super::front::{Front, NoTerminal};
use super::load::new_name;
use super::who::place_of;
use super::{load, signals};
use crate::cli::{Global, MonitorOptions};
use crate::error::Fault;
use crate::exit::Exit;
use crate::headless::Script;
use crate::model::RunId;
use crate::observe;
use crate::session::{Calls, Session, SessionMode};
use crate::world::{Access, World};

/// Watches both sides until it is told to end.
pub(super) async fn monitor(
    folders: &Folders,
    global: &Global,
    options: MonitorOptions,
) -> Result<Exit> {
    let run = new_name(&options.profile)?;
    let mut front =
        Front::choose(&options.front, run.clone(), &folders.of(&run), NoTerminal::GoOn)?;
    let ended = watch(folders, global, &options, run, &mut front).await;
    told(&mut front, ended)
}

async fn watch(
    folders: &Folders,
    global: &Global,
    options: &MonitorOptions,
    run: RunId,
    front: &mut Front,
) -> Result<Exit> {
    let runbook = load::runbook(&options.profile, global)?;
    let target = load::target(global);
    let world = World::connect(runbook.clone(), run.clone(), target, Access::ReadOnly)
        .await
        .map_err(Fault::from)?;
    if let Front::Headless(printer) = front {
        printer.version(Timestamp::now())?;
    }
    let stop = CancellationToken::new();
    let observe::Eyes { observed, focus } =
        observe::watch(&world, runbook.watch.refresh, stop.clone());
    let (_no_engine, events) = mpsc::unbounded_channel();
    let session = Session {
        run,
        mode: SessionMode::Monitor,
        runbook,
        events,
        observed,
        focus,
        calls: Calls { looking: Some(world.calls().log()), acting: None },
        controls: None,
    };
    let mut signals = signals::listen()?;
    let place = place_of(&world);
    let ended = front.show(session, &Script::default(), place, &folders.logs, &mut signals).await?;
    stop.cancel();
    Ok(ended.signal.map_or(Exit::Done, Exit::of_signal))
}
