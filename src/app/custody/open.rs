//! From a claimant to the custody of a run, and back.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::super::print;
use super::super::waiting::Waiting;
use super::guard::{Guarded, Watchers};
use super::keeper::{Keeper, Standing, ours_until};
use super::mirror::{Copied, Mirror};
use super::recorder::Recorder;
use super::remote::{Mirrored, read};
use super::take::{Taken, take, was_faster};
use super::{blue, remote};
use crate::engine::Executor;
use crate::error::Fault;
use crate::exit::Exit;
use crate::journal::Writer;
use crate::model::{Claimant, Event, LeaseRecord, Mode, RunId, RunState, Runbook};
use crate::session::Controls;
use crate::world::{Access, AdvisoryLock, LockHolder, Target, World};

/// How long it is tried to give the lease back.
const GIVE_BACK: Duration = Duration::from_secs(5);

/// How long a run that has ended waits for its mirror.
const LAST_COPY: Duration = Duration::from_secs(5);

/// One who wants to drive.
#[derive(Debug)]
pub(in crate::app) struct Opening<'a> {
    pub(in crate::app) runbook: &'a Arc<Runbook>,
    pub(in crate::app) target: &'a Target,
    pub(in crate::app) claimant: Claimant,
    pub(in crate::app) waiting: &'a Waiting,
}

/// Why a run is not ours to drive.
#[derive(Debug)]
pub(in crate::app) enum Refusal {
    /// Somebody drives it.
    Held(Fault),
    /// Whoever waited for it has ended that.
    Ended,
    /// Something else.
    Fault(Fault),
}

impl<E: Into<Fault>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

impl Refusal {
    /// For those who cannot watch instead.
    pub(in crate::app) fn into_fault(self) -> Fault {
        match self {
            Self::Held(fault) | Self::Fault(fault) => fault,
            Self::Ended => Fault::new(Exit::Interrupted, "ended before anything was changed"),
        }
    }
}

/// A run that is ours: the Lease, the lock, and what the mirror holds.
#[derive(Debug)]
pub(in crate::app) struct Custody {
    world: World,
    claimant: Claimant,
    record: LeaseRecord,
    written: Instant,
    lock: Option<AdvisoryLock>,
    pub(in crate::app) mirrored: Mirrored,
    /// What tells this cluster from another, where that may be read.
    pub(in crate::app) cluster: Option<String>,
}

impl Custody {
    /// Takes the Lease, then the lock on blue.
    pub(in crate::app) async fn take(opening: Opening<'_>) -> Result<Self, Refusal> {
        let Opening { runbook, target, claimant, waiting } = opening;
        let own = Target { request_timeout: Duration::from_secs(10), ..target.clone() };
        let run = claimant.run.clone();
        let world = World::connect(Arc::clone(runbook), run, own, Access::ReadWrite).await?;
        let name = runbook.lease();
        let (namespace, server) = (world.cluster.namespace(), world.cluster.server());
        waiting.begin(format!("lease `{namespace}/{name}` at {server}"));
        let taking = waiting.unless_ended(take(&world.cluster, &name, &claimant));
        let (record, written, before) = match taking.await.ok_or(Refusal::Ended)?? {
            Taken::Ours(record, written, before) => (record, written, before),
            Taken::Held(by) => {
                let mirrored = waiting.unless_ended(read(&world.cluster, runbook)).await;
                let mirrored = mirrored.ok_or(Refusal::Ended)?.ok();
                return Err(Refusal::Held(held(runbook, &claimant, &by, mirrored.as_ref())));
            }
        };
        let (lock, mirrored, cluster) = (None, Mirrored::default(), None);
        let mut custody = Self { world, claimant, record, written, lock, mirrored, cluster };
        let completing = Box::pin(custody.complete(before, waiting));
        let completing = waiting.unless_ended(completing).await;
        match completing.unwrap_or(Err(Refusal::Ended)) {
            Ok(()) => Ok(custody),
            Err(refusal) => {
                waiting.begin("the lease to be given back");
                custody.give_back().await;
                Err(refusal)
            }
        }
    }

    async fn complete(
        &mut self,
        before: Option<LeaseRecord>,
        waiting: &Waiting,
    ) -> Result<(), Refusal> {
        waiting.begin(format!("the journal's mirror at {}", self.world.cluster.server()));
        self.claim_mirror().await?;
        self.cluster = self.world.cluster.uid().await;
        waiting.begin("the lock on blue");
        let former = before.as_ref().and_then(LeaseRecord::run);
        let runs = [Some(self.claimant.run.clone()), former, self.mirrored.run().cloned()];
        let runs: Vec<RunId> = runs.into_iter().flatten().collect();
        let operator = &self.claimant.operator;
        let is_left = |holder: &LockHolder| runs.iter().any(|run| holder.is_of(run));
        match blue::take(&self.world.blue, operator, is_left).await {
            Ok(lock) => self.lock = lock,
            Err(holder) => {
                let message = format!("blue is held by {holder}");
                let fault = Fault::new(Exit::LeaseHeld, message).hint(
                    "another cutover of this database is driven from elsewhere: end it, or end that session once it is known to be dead",
                );
                return Err(Refusal::Held(fault));
            }
        }
        if let Some(note) = before.and_then(|before| before.unmirrored) {
            print::say(format!("warning: the mirror was behind when the run was left, at {note}"));
        }
        Ok(())
    }

    /// Reads the mirror and puts our name on it, so that nobody else writes to what we have read.
    async fn claim_mirror(&mut self) -> Result<(), Fault> {
        let (cluster, runbook) = (&self.world.cluster, &self.world.runbook);
        loop {
            self.mirrored = read(cluster, runbook).await?;
            if self.mirrored.run() != Some(&self.claimant.run) {
                return Ok(());
            }
            let last = self.mirrored.filled() - 1;
            let part = &mut self.mirrored.parts[last];
            part.session.clone_from(&self.claimant.session);
            match cluster.write_mirror_part(&runbook.mirror()[last], part).await {
                Ok(version) => {
                    part.version = version;
                    return Ok(());
                }
                Err(error) if was_faster(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Where it acts, for a journal's header.
    pub(in crate::app) fn world(&self) -> &World {
        &self.world
    }

    /// A new run begins only where none was left with writes stopped, half undone, or past the point of no return.
    pub(in crate::app) fn nothing_was_left(&self) -> Result<(), Fault> {
        let Ok(recording) = self.mirrored.recording() else { return Ok(()) };
        let Ok(state) = recording.fold() else { return Ok(()) };
        let run = &recording.header.run;
        let whole = format!("{}/{run}", state.operator);
        let meant = self
            .claimant
            .take_over
            .as_ref()
            .is_some_and(|typed| *typed == state.operator || *typed == whole);
        if !is_half_way(&state) || meant || *run == self.claimant.run {
            return Ok(());
        }
        let name = &self.world.runbook.name;
        Err(Fault::new(
            Exit::LeaseHeld,
            format!("run `{run}` of {} was left half-way", state.operator),
        )
        .because(format!("{}: {}", why_half_way(&state), state_in_words(&state)))
        .hint(format!(
            "go on with it: `pgcutover resume {run}`, or `pgcutover resume --from-cluster {name}` on another machine; to begin anew all the same: `--take-over {}`",
            state.operator
        )))
    }

    /// A journal that is here must be as far as the mirror: else the run went on elsewhere.
    pub(in crate::app) fn agrees_with(&self, journal: &str) -> Result<(), Fault> {
        let run = &self.claimant.run;
        if self.mirrored.run() != Some(run) || journal.starts_with(&self.mirrored.text()) {
            return Ok(());
        }
        let by = self.mirrored.recording().ok().and_then(|recording| recording.fold().ok());
        let by = by.map_or_else(|| "another console".to_owned(), |state| state.operator);
        let name = &self.world.runbook.name;
        Err(Fault::usage(format!("run `{run}` went on without this journal, driven by {by}"))
            .hint(format!("`pgcutover resume --from-cluster {name}` goes on from where it is")))
    }

    /// Gives everything back.
    pub(in crate::app) async fn give_back(self) {
        let free = LeaseRecord { holder: String::new(), session: String::new(), ..self.record };
        let name = self.world.runbook.lease();
        let given = timeout(GIVE_BACK, self.world.cluster.write_lease(&name, &free)).await;
        if !matches!(given, Ok(Ok(_))) {
            tracing::warn!(?given, "the lease is not given back, and runs out by itself");
        }
    }

    /// From now on the Lease is renewed, the lock held and the journal mirrored.
    pub(in crate::app) fn keep(
        self,
        journal: Writer,
        past: &[Event],
        controls: &Controls,
    ) -> (Recorder, Kept) {
        let path = journal.path().to_owned();
        let recorder = Recorder::new(journal, &self.world.runbook, past);
        let stop = CancellationToken::new();
        let (standing, copied) = (watch::Sender::new(Standing::Held), self.copied());
        let until = watch::Sender::new(ours_until(self.written, &self.record));
        let (asks, asked) = mpsc::unbounded_channel();
        let watchers = Watchers {
            standing: standing.subscribe(),
            ours_until: until.subscribe(),
            kept: recorder.kept(),
            copied: copied.subscribe(),
            asks,
        };
        let copy = self.mirror(path, copied).copy(recorder.kept(), stop.child_token());
        let lock = blue::hold(
            self.world.blue.clone(),
            self.claimant.operator.clone(),
            self.claimant.run.clone(),
            self.lock,
            recorder.blue(),
            controls.clone(),
            stop.child_token(),
        );
        let keeper = Keeper {
            name: self.world.runbook.lease(),
            cluster: self.world.cluster,
            record: self.record,
            written: self.written,
            standing,
            ours_until: until,
            asks: asked,
            copied: watchers.copied.clone(),
            wanted: *watchers.kept.borrow(),
            controls: controls.clone(),
        };
        // Where nobody answers, whoever leaves does not wait for an answer; but the Lease is given back where that can be.
        let until_stopped = |task: BoxFuture<'static, ()>| {
            let stop = stop.clone();
            tokio::spawn(async move { stop.run_until_cancelled(task).await.unwrap_or_default() })
        };
        let tasks = vec![
            until_stopped(Box::pin(copy)),
            until_stopped(Box::pin(lock)),
            tokio::spawn(keeper.keep(stop.child_token())),
        ];
        (recorder, Kept { watchers, stop, tasks })
    }

    /// What of the journal is in the cluster; 0 when another run is.
    fn copied(&self) -> watch::Sender<Copied> {
        let ours = self.mirrored.run() == Some(&self.claimant.run);
        let len = if ours { self.mirrored.text().len() as u64 } else { 0 };
        watch::Sender::new(Copied { len, ..Copied::default() })
    }

    fn mirror(&self, journal: PathBuf, copied: watch::Sender<Copied>) -> Mirror {
        Mirror {
            cluster: self.world.cluster.clone(),
            names: self.world.runbook.mirror(),
            run: self.claimant.run.clone(),
            session: self.claimant.session.clone(),
            journal,
            parts: self.mirrored.parts.clone(),
            copied,
        }
    }
}

/// The custody of a run that is driven.
#[derive(Debug)]
pub(in crate::app) struct Kept {
    watchers: Watchers,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Kept {
    /// An executor that acts only while the run is ours.
    pub(in crate::app) fn guard<E: Executor>(&self, inner: E) -> Guarded<E> {
        Guarded::new(inner, self.watchers.clone())
    }

    /// Tells while the mirror is behind: the front end, and where that does not disturb a screen, the person.
    pub(in crate::app) async fn report(
        &self,
        aloud: bool,
        behind: &watch::Sender<Option<String>>,
    ) -> Infallible {
        let mut copied = self.watchers.copied.clone();
        while copied.changed().await.is_ok() {
            let Copied { trouble, taken, .. } = copied.borrow_and_update().clone();
            if taken || *behind.borrow() == trouble {
                continue;
            }
            let former = behind.send_replace(trouble.clone());
            if aloud && former.is_some() != trouble.is_some() {
                print::say(match trouble {
                    Some(why) => format!("the journal's mirror in the cluster is behind: {why}"),
                    None => "the journal's mirror in the cluster has caught up".to_owned(),
                });
            }
        }
        std::future::pending().await
    }

    /// Ends it: the last events are mirrored where that can be, and the Lease is left to whoever wants it.
    pub(in crate::app) async fn end(self) {
        let Watchers { kept, mut copied, standing, .. } = self.watchers;
        let all = *kept.borrow();
        if *standing.borrow() == Standing::Held {
            let there = copied.wait_for(|copied| copied.len >= all || copied.taken);
            if !matches!(timeout(LAST_COPY, there).await, Ok(Ok(_))) {
                let why = copied.borrow().trouble.clone().unwrap_or_default();
                print::say(format!("warning: the journal's mirror lacks the last events {why}"));
            }
        }
        self.stop.cancel();
        for task in self.tasks {
            let _ = task.await;
        }
    }
}

fn held(
    runbook: &Runbook,
    claimant: &Claimant,
    by: &LeaseRecord,
    mirrored: Option<&Mirrored>,
) -> Fault {
    let mut fault = Fault::new(Exit::LeaseHeld, remote::describe(by, mirrored));
    if let Some(typed) = &claimant.take_over {
        fault = fault.because(format!("`--take-over {typed}` names somebody else"));
    }
    let (name, operator) = (&runbook.name, by.operator());
    fault.hint(format!(
        "`pgcutover monitor {name}` watches it; to go on with it in their place: `pgcutover resume --from-cluster {name} --take-over {operator}`"
    ))
}

/// Leaving it as it is would harm.
fn is_half_way(state: &RunState) -> bool {
    let ended = matches!(state.mode(), Mode::Finished(_));
    !ended && (state.writes_stopped_at.is_some() || state.past_return || state.undoing.is_some())
}

fn why_half_way(state: &RunState) -> &'static str {
    if state.writes_stopped_at.is_some() {
        "writes are stopped"
    } else if state.past_return {
        "the point of no return is passed"
    } else {
        "it is half undone"
    }
}

fn state_in_words(state: &RunState) -> String {
    match state.mode() {
        Mode::Stopped(reason) => format!("stopped: {reason}"),
        _ => "its console is gone".to_owned(),
    }
}
