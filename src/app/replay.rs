//! `pgcutover replay`

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use color_eyre::Result;
use jiff::Timestamp;
use tokio::sync::{mpsc, watch};

use super::ending::Clients;
use super::folders::Folders;
use super::front::{Front, NoTerminal};
use super::{ending, signals};
use crate::cli::ReplayOptions;
use crate::error::Fault;
use crate::exit::Exit;
use crate::headless::Script;
use crate::journal::{self, Recording, Runs};
use crate::model::{Event, Observed};
use crate::session::{Calls, Session, SessionMode};

/// No pause of a recording is longer than this, whatever the speed: a soak of a day is not watched for a day.
const LONGEST: Duration = Duration::from_secs(5);

/// Shows a recorded run again.
pub(super) async fn replay(folders: &Folders, options: ReplayOptions) -> Result<Exit> {
    let journal = journal_of(folders, &options.run)?;
    let recording = journal::read(&journal).map_err(Fault::from)?;
    let Recording { header, events, .. } = recording;
    let run = header.run.clone();
    let folder = journal.parent().unwrap_or(Path::new("."));
    let mut front = Front::choose(&options.front, run.clone(), folder, NoTerminal::GoOn)?;
    if let Front::Headless(printer) = &mut front {
        printer.version(Timestamp::now())?;
    }
    let runbook = Arc::new(header.runbook);
    let (teller, told) = mpsc::unbounded_channel();
    let (_nothing, observed) = watch::channel(Observed::default());
    let place = format!("recorded {}", header.created);
    let session = Session {
        run,
        mode: SessionMode::Replay,
        runbook: Arc::clone(&runbook),
        events: told,
        observed,
        focus: watch::Sender::default(),
        calls: Calls::default(),
        controls: None,
    };
    let telling = tokio::spawn(tell(events, options.speed, teller));
    let mut signals = signals::listen()?;
    let ended = front.show(session, &Script::default(), place, &folders.logs, &mut signals).await?;
    telling.abort();
    if let Some(signal) = ended.signal {
        return Ok(Exit::of_signal(signal));
    }
    ending::end(&mut front, &runbook, &ended, None, Clients::NotAsked)?;
    Ok(Exit::Done)
}

async fn tell(events: Vec<Event>, speed: f64, teller: mpsc::UnboundedSender<Event>) {
    let mut before = events.first().map(|event| event.at);
    for event in events {
        if speed > 0.0
            && let Some(before) = before.replace(event.at)
        {
            let pause = Duration::try_from(event.at.duration_since(before)).unwrap_or_default();
            tokio::time::sleep(pause.div_f64(speed).min(LONGEST)).await;
        }
        if teller.send(event).is_err() {
            return;
        }
    }
}

/// The journal that is meant: a file, or the run of that name.
pub(super) fn journal_of(folders: &Folders, run: &str) -> Result<PathBuf, Fault> {
    let path = Path::new(run);
    if path.is_file() {
        return Ok(path.to_owned());
    }
    Ok(Runs::at(&folders.runs).find(run)?.journal)
}
