//! Reads the mirror: to go on from it, to hold a journal against it, and to say who drives.

use std::path::Path;

use crate::journal::{self, JournalError, Recording};
use crate::model::{LeaseRecord, RunId, Runbook};
use crate::world::{Cluster, MirrorPart, WorldError};

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
