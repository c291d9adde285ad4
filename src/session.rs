//! The contract between a run and a front end.
//!
//! Run, resume, monitor, replay and rehearse are ways to build a [`Session`]; the console and `--headless` are two ways to
//! consume one. A session without [`Controls`] is read-only by construction.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};

use crate::model::{
    CallLog, CallRecord, Command, Event, Focus, Glimpse, Moment, Observed, RunId, Runbook,
};

/// What kind of session it is, for the badge on the screen and the first lines of a machine's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionMode {
    /// A real cluster, with controls.
    Run,
    /// The lab, with controls.
    Rehearsal,
    /// A real cluster, watched.
    Monitor,
    /// A recorded run.
    Replay,
}

/// What a front end receives.
#[derive(Debug)]
pub struct Session {
    /// Which run it is.
    pub run: RunId,
    /// What kind of session it is.
    pub mode: SessionMode,
    /// The plan.
    pub runbook: Arc<Runbook>,
    /// The facts, from the first one on. It never drops one; when it ends, nobody drives the run any more.
    pub events: mpsc::UnboundedReceiver<Event>,
    /// The runs that other consoles drive, where whatever is driven is watched: each takes the place of the one before.
    pub follows: Follows,
    /// The latest readings.
    pub observed: watch::Receiver<Observed>,
    /// Why the journal's mirror in the cluster lacks some of the facts, where it does.
    pub behind: watch::Receiver<Option<String>>,
    /// What the operator looks at closely, told to the observers: no command, and nothing changes by it.
    pub focus: watch::Sender<Focus>,
    /// What the tool says to the world.
    pub calls: Calls,
    /// The operator's hands, where there are any.
    pub controls: Option<Controls>,
    /// A recorded run, where one is shown again by a front end that can go back and forth in it; `events` then tells nothing.
    pub playback: Option<Playback>,
}

/// The runs that other consoles drive; none come where the session has a run of its own.
#[derive(Debug, Default)]
pub struct Follows(Option<mpsc::UnboundedReceiver<Followed>>);

impl Follows {
    /// The runs, and the end that tells them.
    #[must_use]
    pub fn channel() -> (mpsc::UnboundedSender<Followed>, Self) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (sender, Self(Some(receiver)))
    }

    /// Waits for the next one, for ever if it must.
    pub async fn next(&mut self) -> Followed {
        let next = async { self.0.as_mut()?.recv().await };
        match next.await {
            Some(followed) => followed,
            None => std::future::pending().await,
        }
    }
}

/// A run that another console drives.
#[derive(Debug)]
pub struct Followed {
    /// Which run it is.
    pub run: RunId,
    /// Who drives it.
    pub operator: String,
    /// Its plan.
    pub runbook: Arc<Runbook>,
    /// Its facts, from the first one on.
    pub events: mpsc::UnboundedReceiver<Event>,
    /// What the last look at it found: what it did since then is not known.
    pub looked: watch::Receiver<Look>,
    /// Why the journal's mirror in the cluster lacks some of the facts, where it does.
    pub behind: watch::Receiver<Option<String>>,
}

/// A look at a run that another console drives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Timestamp,
    /// Since when its Lease has run out without being renewed: its console is likely gone, and nobody undoes anything.
    pub lapsed: Option<Timestamp>,
}

/// A recorded run. It is data, and no more: whoever shows it has the playhead, and there is no world behind it.
#[derive(Debug, Clone)]
pub struct Playback {
    /// The facts.
    pub events: Vec<Event>,
    /// The readings, where they were kept.
    pub readings: Vec<Glimpse>,
    /// Where it begins.
    pub from: Moment,
    /// How many recorded seconds pass in one.
    pub speed: f64,
}

/// The operator's hands.
#[derive(Debug, Clone)]
pub struct Controls {
    commands: mpsc::UnboundedSender<Command>,
}

impl Controls {
    /// Controls, and the end that the engine holds.
    #[must_use]
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<Command>) {
        let (commands, receiver) = mpsc::unbounded_channel();
        (Self { commands }, receiver)
    }

    /// Sends a command. False when the engine has ended. A refusal comes back as an event.
    #[must_use]
    pub fn send(&self, command: Command) -> bool {
        self.commands.send(command).is_ok()
    }
}

/// What the tool says to the world: the last statements and requests, for the log page. Beside the readings and not among
/// them, since it is a stream at a high rate and no state: nobody's readings are told anew for a statement. Looking and
/// acting have a log each, so that what is read all the time does not push out what was done.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    /// What the observers say.
    pub looking: Option<watch::Receiver<CallLog>>,
    /// What the run says: its steps and the looks of its gates.
    pub acting: Option<watch::Receiver<CallLog>>,
}

/// Who made a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hands {
    /// An observer.
    Looking,
    /// The run.
    Acting,
}

impl Calls {
    /// There is something that was not seen yet.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        let mut logs = self.looking.iter().chain(&self.acting);
        logs.any(|log| log.has_changed().unwrap_or(false))
    }

    /// All calls that are kept, by the time when they began, and how many older ones are not. What is returned is seen.
    pub fn take(&mut self) -> (Vec<(Hands, Arc<CallRecord>)>, u64) {
        let (mut all, mut dropped) = (Vec::new(), 0);
        for (hands, log) in [(Hands::Looking, &mut self.looking), (Hands::Acting, &mut self.acting)]
        {
            let Some(log) = log else { continue };
            let log = log.borrow_and_update();
            dropped += log.dropped();
            all.extend(log.records().map(|record| (hands, Arc::clone(record))));
        }
        all.sort_by_key(|(_, record)| record.at);
        (all, dropped)
    }
}
