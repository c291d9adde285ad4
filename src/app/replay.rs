//! `pgcutover replay`

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use color_eyre::Result;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::{mpsc, watch};

use super::config::Config;
use super::ending::Clients;
use super::folders::Folders;
use super::front::{Front, NoTerminal, palette};
use super::{ending, signals};
use crate::cli::ReplayOptions;
use crate::error::Fault;
use crate::exit::Exit;
use crate::headless::Script;
use crate::journal::{self, Header, Recording, Runs};
use crate::model::{Event, Glimpse, Moment, unrecorded, with_progress};
use crate::session::{Calls, Follows, Playback, Session, SessionMode};
use crate::tui::{Scene, Still};

/// No pause of a recording is longer than this, whatever the speed: a soak of a day is not watched for a day.
const LONGEST: Duration = Duration::from_secs(5);

/// Shows a recorded run again.
pub(super) async fn replay(folders: &Folders, options: ReplayOptions) -> Result<Exit> {
    let journal = journal_of(folders, &options.run)?;
    let folder = journal.parent().unwrap_or(Path::new("."));
    let Recording { header, events, .. } = journal::read(&journal).map_err(Fault::from)?;
    if let Some(picture) = &options.picture {
        return draw(picture, &options, header, events, journal::read_readings(folder));
    }
    let mut front = Front::choose(&options.front, header.run.clone(), folder, NoTerminal::GoOn)?;
    if let Front::Headless(printer) = &mut front {
        printer.version(Timestamp::now())?;
    }
    let runbook = Arc::new(header.runbook);
    let place = place(header.created);
    let (teller, told) = mpsc::unbounded_channel();
    let (_nothing, observed) = watch::channel(unrecorded());
    let mut session = Session {
        run: header.run,
        mode: SessionMode::Replay,
        runbook: Arc::clone(&runbook),
        events: told,
        follows: Follows::default(),
        observed,
        behind: watch::channel(None).1,
        focus: watch::Sender::default(),
        calls: Calls::default(),
        controls: None,
        playback: None,
    };
    let speed = options.speed;
    let mut telling = None;
    if front.is_console() {
        let from = options.at.unwrap_or(Moment::Share(0.0));
        session.playback = Some(playback(events, journal::read_readings(folder), from, speed));
    } else {
        telling = Some(tokio::spawn(tell(events, speed, teller.clone())));
        drop(teller);
    }
    let mut signals = signals::listen()?;
    let script = Script::default();
    let ended = front.show(session, &script, place, String::new(), folders, &mut signals).await?;
    if let Some(telling) = telling {
        telling.abort();
    }
    if let Some(signal) = ended.signal {
        return Ok(Exit::of_signal(signal));
    }
    ending::end(&mut front, &runbook, &ended, None, Clients::NotAsked)?;
    Ok(Exit::Done)
}

/// Draws the screen at a moment of a recorded run. A picture that was drawn before is drawn over.
fn draw(
    picture: &Path,
    options: &ReplayOptions,
    header: Header,
    events: Vec<Event>,
    readings: Vec<Glimpse>,
) -> Result<Exit> {
    let from = options.at.unwrap_or(Moment::Share(1.0));
    let mut still = Still::new(Scene {
        run: header.run,
        mode: SessionMode::Replay,
        place: place(header.created),
        runbook: Arc::new(header.runbook),
        playback: Some(playback(events, readings, from, 1.0)),
        now: header.created,
        size: options.size,
        palette: palette(&options.front, &Config::read()?),
        ascii: options.front.ascii,
    });
    for letter in options.press.chars() {
        still.press(letter);
        still.draw();
    }
    std::fs::write(picture, still.picture()).map_err(|error| {
        Fault::usage(format!("the picture `{}` cannot be written: {error}", picture.display()))
    })?;
    Ok(Exit::Done)
}

fn place(created: Timestamp) -> String {
    format!("recorded {}", created.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M"))
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

fn playback(events: Vec<Event>, readings: Vec<Glimpse>, from: Moment, speed: f64) -> Playback {
    Playback { events: with_progress(events, &readings), readings, from, speed }
}

/// The journal that is meant: a file, or the run of that name.
pub(super) fn journal_of(folders: &Folders, run: &str) -> Result<PathBuf, Fault> {
    let path = Path::new(run);
    if path.is_file() {
        return Ok(path.to_owned());
    }
    Ok(Runs::at(&folders.runs).find(run)?.journal)
}
