//! Reads the mirror: to go on from it, to hold a journal against it, and to watch a run that another console drives.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::journal::{self, JournalError, Recording};
use crate::model::{Event, LeaseRecord, RunId, Runbook};
use crate::session::Followed;
use crate::world::{Cluster, MirrorPart, WorldError};

/// How often a run that another console drives is looked at.
const PAUSE: Duration = Duration::from_secs(1);

/// What the mirror holds.
#[derive(Debug, Clone, Default)]
pub(in crate::app) struct Mirrored {
    /// Its parts as they were read; those behind the last one of the run may be another run's.
    pub(in crate::app) parts: Vec<MirrorPart>,
}

impl Mirrored {
    /// The run that it belongs to.
    pub(in crate::app) fn run(&self) -> Option<&RunId> {
        self.parts.first().map(|part| &part.run)
    }

    /// The parts of its run.
    fn own(&self) -> impl Iterator<Item = &MirrorPart> {
        self.parts.iter().take_while(|part| Some(&part.run) == self.run())
    }

    /// How many parts its run fills.
    pub(super) fn filled(&self) -> usize {
        self.own().count()
    }

    /// A line may lie in two parts, of which only the first was written.
    fn cut_torn_line(&mut self) {
        let filled = self.filled();
        for part in self.parts[..filled].iter_mut().rev() {
            let whole = part.text.rfind('\n').map_or(0, |end| end + 1);
            part.text.truncate(whole);
            if whole > 0 {
                break;
            }
        }
    }

    /// The journal.
    pub(in crate::app) fn text(&self) -> String {
        self.own().map(|part| part.text.as_str()).collect()
    }

    /// The journal, read.
    pub(in crate::app) fn recording(&self) -> Result<Recording, JournalError> {
        journal::parse(Path::new("the mirror in the cluster"), self.text().as_bytes())
    }
}

/// Reads the mirror of a runbook's runs.
pub(in crate::app) async fn read(
    cluster: &Cluster,
    runbook: &Runbook,
) -> Result<Mirrored, WorldError> {
    let mut parts = Vec::new();
    for name in runbook.mirror() {
        match cluster.mirror_part(&name).await? {
            Some(part) => parts.push(part),
            None => break,
        }
    }
    let mut mirrored = Mirrored { parts };
    mirrored.cut_torn_line();
    Ok(mirrored)
}

/// Tells of each run that is driven, and of its events as its mirror gets them, until `stop`.
pub(in crate::app) async fn follow(
    cluster: Cluster,
    runbook: Arc<Runbook>,
    runs: mpsc::UnboundedSender<Followed>,
    stop: CancellationToken,
) {
    let mut follower = Follower { cluster, runbook, runs, known: None };
    let following = async {
        loop {
            follower.look().await;
            tokio::time::sleep(PAUSE).await;
        }
    };
    stop.run_until_cancelled(following).await;
}

/// Looks at who drives, and at what they have done.
struct Follower {
    cluster: Cluster,
    runbook: Arc<Runbook>,
    runs: mpsc::UnboundedSender<Followed>,
    known: Option<Known>,
}

/// A run that was told, its operator, and how many of its events were.
struct Known {
    run: RunId,
    operator: String,
    events: mpsc::UnboundedSender<Event>,
    told: usize,
    looked: watch::Sender<Timestamp>,
}

impl Follower {
    /// What cannot be read now may be read the next time; the readings tell that the cluster does not answer.
    async fn look(&mut self) {
        let driver = self.driver().await;
        let now = Timestamp::now();
        let Ok(mirrored) = read(&self.cluster, &self.runbook).await else { return };
        let Ok(recording) = mirrored.recording() else { return };
        let run = &recording.header.run;
        let other = |operator: &String| {
            self.known.as_ref().is_none_or(|it| it.run != *run || it.operator != *operator)
        };
        if let Some(operator) = driver.filter(|(of, _)| of == run).map(|it| it.1).filter(other) {
            self.begin(run.clone(), operator, recording.header.runbook);
        }
        let Some(known) = self.known.as_mut().filter(|known| known.run == recording.header.run)
        else {
            return;
        };
        for event in recording.events.into_iter().skip(known.told) {
            known.told += 1;
            // Whoever listened may have gone.
            let _ = known.events.send(event);
        }
        known.looked.send_replace(now);
    }

    /// The run that the Lease stands for, and who holds it.
    async fn driver(&self) -> Option<(RunId, String)> {
        let held = self.cluster.lease(&self.runbook.lease()).await.ok()??;
        let run = held.run().filter(|_| !held.is_free())?;
        Some((run, held.operator().to_owned()))
    }

    fn begin(&mut self, run: RunId, operator: String, plan: Runbook) {
        let (sender, events) = mpsc::unbounded_channel();
        let (looking, looked) = watch::channel(Timestamp::now());
        let (runbook, by) = (Arc::new(plan), operator.clone());
        let _ =
            self.runs.send(Followed { run: run.clone(), operator: by, runbook, events, looked });
        self.known = Some(Known { run, operator, events: sender, told: 0, looked: looking });
    }
}

/// Who drives, and where they are, for a person: from the Lease and the mirror.
pub(super) fn describe(held: &LeaseRecord, mirrored: Option<&Mirrored>) -> String {
    let recording = mirrored
        .filter(|mirrored| mirrored.run() == held.run().as_ref())
        .and_then(|mirrored| mirrored.recording().ok());
    let last = recording.and_then(|recording| recording.events.into_iter().next_back());
    match last {
        Some(event) => format!("the run is held by {held}, last seen: {}", event.kind),
        None => format!("the run is held by {held}"),
    }
}
