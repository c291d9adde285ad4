//! The journal, with ears: whoever mirrors it, and whoever must know that blue goes.

use std::collections::BTreeSet;

use tokio::sync::watch;

use crate::journal::{Append, JournalError, Writer};
use crate::model::{Event, EventKind, Runbook, Side, StepId, Verb};

/// A journal's writer that tells how long it is, and whether blue is being taken away.
#[derive(Debug)]
pub(in crate::app) struct Recorder {
    journal: Writer,
    kept: watch::Sender<u64>,
    blue: watch::Sender<bool>,
    takers: BTreeSet<StepId>,
    taken: BTreeSet<StepId>,
}

impl Recorder {
    /// Tells of a journal from its past on.
    pub(super) fn new(journal: Writer, runbook: &Runbook, past: &[Event]) -> Self {
        let takers = runbook.steps().filter(|(_, step)| takes_blue_away(runbook, &step.verb));
        let mut recorder = Self {
            kept: watch::Sender::new(journal.len()),
            blue: watch::Sender::new(true),
            takers: takers.map(|(_, step)| step.id.clone()).collect(),
            taken: BTreeSet::new(),
            journal,
        };
        for event in past {
            recorder.hear(event);
        }
        recorder
    }

    /// How many bytes of the journal are on the disk.
    pub(super) fn kept(&self) -> watch::Receiver<u64> {
        self.kept.subscribe()
    }

    /// Whether blue is there by the plan. No session of ours may hold up its end.
    pub(super) fn blue(&self) -> watch::Receiver<bool> {
        self.blue.subscribe()
    }

    fn hear(&mut self, event: &Event) {
        match &event.kind {
            EventKind::StepStarted { step, .. } if self.takers.contains(step) => {
                self.taken.insert(step.clone());
            }
            EventKind::UndoFinished { step, .. } => {
                self.taken.remove(step);
            }
            _ => return,
        }
        let there = self.taken.is_empty();
        self.blue.send_if_modified(|known| std::mem::replace(known, there) != there);
    }
}

impl Append for Recorder {
    fn keep(&mut self, event: &Event) -> Result<(), JournalError> {
        self.journal.keep(event)?;
        self.kept.send_replace(self.journal.len());
        self.hear(event);
        Ok(())
    }
}

fn takes_blue_away(runbook: &Runbook, verb: &Verb) -> bool {
    let Some(blue) = &runbook.store(Side::Blue).workload else { return false };
    match verb {
        Verb::Delete { objects } => objects.contains(&blue.object()),
        Verb::Scale { workload, replicas } => workload == blue && *replicas == 0,
        _ => false,
    }
}
