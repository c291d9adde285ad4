//! Stands before every action: it begins only while we hold the run, and once whoever takes over would know of it.

use std::convert::Infallible;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::keeper::{Ask, Standing};
use super::mirror::Copied;
use crate::engine::{Executor, Probed, StepContext};
use crate::model::{
    Failure, FailureKind, Gate, Judgement, Mend, Outcome, Progress, RunState, Step,
};

/// How long an action waits for the mirror before the Lease carries the note that it is behind.
const PATIENCE: Duration = Duration::from_secs(5);

/// What an action waits for is told once it takes longer than this.
const MOMENT: Duration = Duration::from_secs(1);

/// Where the custody of the run stands.
#[derive(Debug, Clone)]
pub(super) struct Watchers {
    pub(super) standing: watch::Receiver<Standing>,
    /// Until when nobody else can have taken the Lease.
    pub(super) ours_until: watch::Receiver<Instant>,
    pub(super) kept: watch::Receiver<u64>,
    pub(super) copied: watch::Receiver<Copied>,
    pub(super) asks: mpsc::UnboundedSender<Ask>,
}

/// An executor that acts only while the run is ours.
#[derive(Debug)]
pub(in crate::app) struct Guarded<E> {
    inner: E,
    custody: Watchers,
}

impl<E: Executor> Guarded<E> {
    pub(super) const fn new(inner: E, custody: Watchers) -> Self {
        Self { inner, custody }
    }
}

impl Watchers {
    /// Waits until an action of a step may begin, and tells what for.
    async fn may_act_in(&self, what: &str, context: &StepContext) -> Result<(), Failure> {
        tokio::select! {
            ours = self.may_act(what, &context.cancel) => ours,
            never = self.tell(&context.progress) => match never {},
        }
    }

    /// Tells what an action waits for, once that takes longer than a moment.
    async fn tell(&self, progress: &mpsc::UnboundedSender<Progress>) -> Infallible {
        sleep(MOMENT).await;
        let (mut standing, mut copied) = (self.standing.clone(), self.copied.clone());
        let mut told = String::new();
        loop {
            let message = waits_for(&standing.borrow_and_update(), &copied.borrow_and_update());
            if message != told {
                told.clone_from(&message);
                // Whoever listens may have gone.
                let _ = progress.send(Progress { message, ..Progress::default() });
            }
            tokio::select! {
                Ok(()) = standing.changed() => {}
                Ok(()) = copied.changed() => {}
                else => std::future::pending().await,
            }
        }
    }

    /// Waits until an action may begin.
    async fn may_act(&self, what: &str, cancel: &CancellationToken) -> Result<(), Failure> {
        tokio::select! {
            () = cancel.cancelled() => {
                let message = "it was told to end while it waited for the lease";
                Err(Failure::new(FailureKind::Cancelled, message).without_effects())
            }
            ours = self.ours(what) => ours,
        }
    }

    async fn ours(&self, what: &str) -> Result<(), Failure> {
        let target = *self.kept.borrow();
        self.held().await?;
        let mut copied = self.copied.clone();
        let there = copied.wait_for(|copied| copied.len >= target);
        if matches!(timeout(PATIENCE, there).await, Ok(Ok(_))) {
            return Ok(());
        }
        self.renewed(Some((format!("{what}, {target} bytes"), target))).await?;
        self.held().await
    }

    /// Waits until the Lease was renewed, with a note of what the mirror lacks.
    async fn renewed(&self, unmirrored: Option<(String, u64)>) -> Result<(), Failure> {
        let (renewed, told) = oneshot::channel();
        // A keeper that is gone has lost the Lease, or given it back.
        let _ = self.asks.send(Ask { unmirrored, renewed });
        told.await.map_err(|_| self.lost())
    }

    /// Waits while it is doubtful whose it is. A process that stood still knows what held when it was stopped.
    async fn held(&self) -> Result<(), Failure> {
        if Instant::now() >= *self.ours_until.borrow() {
            self.renewed(None).await?;
        }
        let mut standing = self.standing.clone();
        let settled = |standing: &Standing| !matches!(standing, Standing::Doubtful { .. });
        let held = standing.wait_for(settled).await.is_ok_and(|held| *held == Standing::Held);
        if held { Ok(()) } else { Err(self.lost()) }
    }

    fn lost(&self) -> Failure {
        let message = match &*self.standing.borrow() {
            Standing::Lost { holder } => format!("the lease is held by {holder}"),
            _ => "the lease is not ours any more".to_owned(),
        };
        Failure::new(FailureKind::Cancelled, message).without_effects()
    }
}

fn waits_for(standing: &Standing, copied: &Copied) -> String {
    match (standing, &copied.trouble) {
        (Standing::Doubtful { why }, _) => {
            format!("waiting until the lease is renewed: {why}")
        }
        (_, Some(why)) => format!("waiting until the cluster knows what is about to begin: {why}"),
        _ => "waiting until the cluster knows what is about to begin".to_owned(),
    }
}

impl<E: Executor> Executor for Guarded<E> {
    async fn look(&self, gate: &Gate, state: &RunState) -> Judgement {
        self.inner.look(gate, state).await
    }

    async fn prepare(&self, step: &Step) -> Result<Value, Failure> {
        self.inner.prepare(step).await
    }

    async fn perform(&self, step: &Step, context: &StepContext) -> Result<Outcome, Failure> {
        self.custody.may_act_in(&format!("step `{}`", step.id), context).await?;
        self.inner.perform(step, context).await
    }

    async fn undo(&self, step: &Step, context: &StepContext) -> Result<Outcome, Failure> {
        self.custody.may_act_in(&format!("undo of `{}`", step.id), context).await?;
        self.inner.undo(step, context).await
    }

    async fn probe(&self, step: &Step, context: &StepContext) -> Probed {
        self.inner.probe(step, context).await
    }

    async fn mend(&self, mend: &Mend) -> Result<Outcome, Failure> {
        self.custody.may_act("a mend", &CancellationToken::new()).await?;
        self.inner.mend(mend).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_who_stood_still_asks_whose_the_lease_is_before_it_acts() {
        let (asks, mut asked) = mpsc::unbounded_channel();
        let until = watch::Sender::new(Instant::now() + Duration::from_secs(40));
        let (standing, kept) = (watch::Sender::new(Standing::Held), watch::Sender::new(0));
        let copied = watch::Sender::new(Copied::default());
        let custody = Watchers {
            standing: standing.subscribe(),
            ours_until: until.subscribe(),
            kept: kept.subscribe(),
            copied: copied.subscribe(),
            asks,
        };
        custody.ours("a mend").await.unwrap();
        assert!(asked.try_recv().is_err(), "nobody was asked");
        tokio::time::advance(Duration::from_secs(41)).await;
        let keeper = async {
            let ask = asked.recv().await.unwrap();
            assert!(ask.unmirrored.is_none());
            standing.send_replace(Standing::Lost { holder: "bob@ops-2".to_owned() });
        };
        let (acts, ()) = tokio::join!(custody.ours("a mend"), keeper);
        assert_eq!(acts.unwrap_err().message, "the lease is held by bob@ops-2");
    }
}
