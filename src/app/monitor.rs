//! `pgcutover monitor`: a session without controls on a world that refuses to be changed.

use color_eyre::Result;
use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::ending::{Seen, told};
use super::folders::Folders;
use super::front::{Front, NoTerminal};
use super::load::new_name;
use super::who::place_of;
use super::{custody, ending, load, print, signals};
use crate::cli::{self, Global, MonitorOptions};
use crate::error::Fault;
use crate::exit::Exit;
use crate::headless::{Detail, Script};
use crate::journal::Runs;
use crate::model::RunId;
use crate::observe;
use crate::session::{Calls, Follows, Session, SessionMode};
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

/// For one who wanted to drive a run that another console drives.
pub(super) async fn instead(
    folders: &Folders,
    global: &Global,
    profile: &str,
    front: &cli::Front,
    held: &Fault,
) -> Result<Exit> {
    print::say(format!("{}; watching instead", held.message));
    let options =
        MonitorOptions { profile: profile.to_owned(), readings: false, front: front.clone() };
    // The future of a monitor within a run is of no known size otherwise.
    Box::pin(monitor(folders, global, options)).await
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
        printer.tell(if options.readings { Detail::Whole } else { Detail::Summary });
        printer.version(Timestamp::now())?;
    }
    let stop = CancellationToken::new();
    let observe::Eyes { observed, focus } =
        observe::watch(&world, runbook.watch.refresh, stop.clone());
    let (teller, follows) = Follows::channel();
    let (cluster, names) = (world.cluster.clone(), runbook.clone());
    let journals = Runs::at(&folders.runs);
    tokio::spawn(custody::follow(cluster, names, journals, teller, stop.clone()));
    // Kept for as long as the session: no event comes before a run is driven.
    let (_silent, events) = mpsc::unbounded_channel();
    let session = Session {
        run,
        mode: SessionMode::Monitor,
        runbook,
        events,
        follows,
        observed,
        behind: watch::channel(None).1,
        focus,
        calls: Calls { looking: Some(world.calls().log()), acting: None },
        controls: None,
        playback: None,
    };
    let place = place_of(&world);
    let (mut signals, script, seen) =
        (signals::listen()?, Script::default(), session.observed.clone());
    let ended = front.show(session, &script, place, String::new(), folders, &mut signals).await?;
    let serving = seen.borrow().serving.clone();
    ending::watched(front, &Seen { serving, at: Timestamp::now() });
    stop.cancel();
    Ok(ended.signal.map_or(Exit::Done, Exit::of_signal))
}
