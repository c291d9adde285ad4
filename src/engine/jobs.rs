//! What is being done meanwhile: at most one thing for a step, and a mend beside it.

use std::any::Any;
use std::collections::BTreeMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt as _;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::model::{Failure, FailureKind, Judgement, Outcome, Progress, StepId, When};

use super::executor::Probed;

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Looks at gates, reads what an undo will need, or asks the world: it can be dropped at any time.
    Read,
    /// Performs a step.
    Act,
    /// Undoes a step.
    Undo,
    /// Applies a mend.
    Mend,
}

/// Where a job stands in for a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    Step,
    Mend,
}

impl Kind {
    const fn slot(self) -> Slot {
        match self {
            Self::Mend => Slot::Mend,
            Self::Read | Self::Act | Self::Undo => Slot::Step,
        }
    }
}

/// A step that was performed, and what its expectations showed.
#[derive(Debug)]
pub(super) struct Performed {
    pub(super) outcome: Outcome,
    pub(super) judgements: Vec<Judgement>,
}

/// How a job ended.
#[derive(Debug)]
pub(super) enum End {
    /// The gates before the step are open.
    Open(Vec<Judgement>),
    /// What the step's undo will need was read.
    Prepared(Result<Value, Failure>),
    /// The step was performed, and its expectations hold.
    Performed(Result<Performed, Failure>),
    /// The world answered.
    Probed(Probed),
    /// The step was undone.
    Undone(Result<Outcome, Failure>),
    /// The mend was applied.
    Mended(Result<Outcome, Failure>),
    /// It panicked.
    Panicked(Failure),
}

/// What a job tells.
#[derive(Debug)]
pub(super) enum Word {
    /// Gates hold the step.
    Held(When, Vec<Judgement>),
    /// It is so far.
    Progress(Progress),
    /// It has ended.
    Ended(End),
}

/// A job's word, and whose it is.
#[derive(Debug)]
pub(super) struct Note {
    pub(super) step: StepId,
    pub(super) kind: Kind,
    job: u64,
    pub(super) word: Word,
}

/// Where a job tells what it has to tell.
#[derive(Debug, Clone)]
pub(super) struct Teller {
    step: StepId,
    kind: Kind,
    job: u64,
    notes: mpsc::UnboundedSender<Note>,
}

impl Teller {
    pub(super) fn tell(&self, word: Word) {
        let note = Note { step: self.step.clone(), kind: self.kind, job: self.job, word };
        // Whoever drove the run is gone: there is nobody to tell.
        let _ = self.notes.send(note);
    }
}

#[derive(Debug)]
struct Job {
    id: u64,
    kind: Kind,
    cancel: CancellationToken,
    cancelled: Option<Instant>,
    abort: AbortHandle,
}

/// The jobs in flight. Dropping them ends them.
#[derive(Debug)]
pub(super) struct Jobs {
    set: JoinSet<()>,
    live: BTreeMap<(StepId, Slot), Job>,
    sender: mpsc::UnboundedSender<Note>,
    notes: mpsc::UnboundedReceiver<Note>,
    last: u64,
}

impl Jobs {
    pub(super) fn new() -> Self {
        let (sender, notes) = mpsc::unbounded_channel();
        Self { set: JoinSet::new(), live: BTreeMap::new(), sender, notes, last: 0 }
    }

    /// Begins a job. The work gets the job's voice and the token that tells it to end.
    pub(super) fn start<F>(
        &mut self,
        step: &StepId,
        kind: Kind,
        work: impl FnOnce(Teller, CancellationToken) -> F,
    ) where
        F: Future<Output = End> + Send + 'static,
    {
        self.last += 1;
        let id = self.last;
        let teller = Teller { step: step.clone(), kind, job: id, notes: self.sender.clone() };
        let cancel = CancellationToken::new();
        let work = AssertUnwindSafe(work(teller.clone(), cancel.clone())).catch_unwind();
        let abort = self.set.spawn(async move {
            let end = work.await.unwrap_or_else(|panic| End::Panicked(panicked(panic.as_ref())));
            teller.tell(Word::Ended(end));
        });
        let job = Job { id, kind, cancel, cancelled: None, abort };
        self.live.insert((step.clone(), kind.slot()), job);
    }

    /// The next word of a job that still counts. It can be dropped while it waits.
    pub(super) async fn next(&mut self) -> Note {
        loop {
            while self.set.try_join_next().is_some() {}
            let Some(note) = self.notes.recv().await else { std::future::pending().await };
            let key = (note.step.clone(), note.kind.slot());
            if self.live.get(&key).is_none_or(|job| job.id != note.job) {
                continue;
            }
            if matches!(note.word, Word::Ended(_)) {
                self.live.remove(&key);
            }
            return note;
        }
    }

    /// Something is being done for the step.
    pub(super) fn has(&self, step: &StepId) -> bool {
        self.live.keys().any(|(known, _)| known == step)
    }

    /// A mend is being applied for the step.
    pub(super) fn mends(&self, step: &StepId) -> bool {
        self.live.contains_key(&(step.clone(), Slot::Mend))
    }

    /// Something is being done that may change the world.
    pub(super) fn may_change(&self) -> bool {
        self.live.values().any(|job| job.kind != Kind::Read)
    }

    /// A mend is being applied, for whichever step.
    pub(super) fn any_mend(&self) -> bool {
        self.live.values().any(|job| job.kind == Kind::Mend)
    }

    /// Ends whatever only looks.
    pub(super) fn drop_readers(&mut self) {
        self.drop_readers_where(|_| true);
    }

    /// Ends what only looks for the step.
    pub(super) fn drop_reader(&mut self, step: &StepId) {
        self.drop_readers_where(|known| known == step);
    }

    fn drop_readers_where(&mut self, meant: impl Fn(&StepId) -> bool) {
        self.live.retain(|(step, _), job| {
            let ends = job.kind == Kind::Read && meant(step);
            if ends {
                job.abort.abort();
            }
            !ends
        });
    }

    /// Tells the step's job to end.
    pub(super) fn cancel(&mut self, step: &StepId) {
        if let Some(job) = self.live.get_mut(&(step.clone(), Slot::Step)) {
            job.tell_to_end();
        }
    }

    /// Tells everything that acts to end.
    pub(super) fn cancel_all(&mut self) {
        self.live.values_mut().for_each(Job::tell_to_end);
    }

    /// Gives up those that were told to end longer ago than `grace`, and names them.
    pub(super) fn give_up(&mut self, grace: Duration) -> Vec<StepId> {
        let late = |job: &Job| job.cancelled.is_some_and(|at| at.elapsed() >= grace);
        let mut given_up = Vec::new();
        self.live.retain(|(step, _), job| {
            if late(job) {
                job.abort.abort();
                given_up.push(step.clone());
            }
            !late(job)
        });
        given_up
    }

    /// How long until the first of those that were told to end is given up.
    pub(super) fn give_up_in(&self, grace: Duration) -> Option<Duration> {
        let told = self.live.values().filter_map(|job| job.cancelled);
        told.map(|at| grace.saturating_sub(at.elapsed())).min()
    }

    /// Tells everything to end, and waits until it has or `grace` is over.
    pub(super) async fn wind_down(mut self, grace: Duration) {
        self.drop_readers();
        self.cancel_all();
        let all = async { while self.set.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(grace, all).await;
    }
}

impl Job {
    fn tell_to_end(&mut self) {
        if self.cancelled.is_none() && self.kind != Kind::Read {
            self.cancelled = Some(Instant::now());
            self.cancel.cancel();
        }
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Failure {
    let text = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned());
    Failure::new(FailureKind::Other, "an error in this program ended it").because(text)
}
