//! Keeps the Lease: renews it beside the run, and tells when it is lost.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::mirror::Copied;
use super::take::{RENEWALS, was_faster};
use crate::model::{Command, LeaseRecord, StopReason};
use crate::session::Controls;
use crate::world::{Cluster, WorldError};

/// Where we stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// The Lease is ours.
    Held,
    /// It was not renewed in time; another may take it, and nobody is known to have it.
    Doubtful {
        /// Why not.
        why: String,
    },
    /// Somebody else has it.
    Lost {
        /// Who, and since when.
        holder: String,
    },
}

/// Asks for a renewal now.
#[derive(Debug)]
pub(super) struct Ask {
    /// What the mirror lacks although it is about to be acted upon, and at which length it has it.
    pub(super) unmirrored: Option<(String, u64)>,
    /// Told once the Lease was renewed.
    pub(super) renewed: oneshot::Sender<()>,
}

/// The Lease and all that renewing it needs.
pub(super) struct Keeper {
    pub(super) cluster: Cluster,
    pub(super) name: String,
    /// As it was written last.
    pub(super) record: LeaseRecord,
    /// When that was sent.
    pub(super) written: Instant,
    pub(super) standing: watch::Sender<Standing>,
    /// Until when nobody else can have taken it.
    pub(super) ours_until: watch::Sender<Instant>,
    pub(super) asks: mpsc::UnboundedReceiver<Ask>,
    /// How far the mirror is.
    pub(super) copied: watch::Receiver<Copied>,
    /// At which length the mirror lacks nothing of what the Lease says.
    pub(super) wanted: u64,
    pub(super) controls: Controls,
}

/// Until when we hold a Lease that was written then to be ours.
pub(super) fn ours_until(written: Instant, record: &LeaseRecord) -> Instant {
    written + record.duration * 2 / 3
}

enum Renewed {
    Ours,
    Lost(LeaseRecord),
}

impl Keeper {
    /// Renews the Lease until `stop`, then gives it back; or until it is lost.
    pub(super) async fn keep(mut self, stop: CancellationToken) {
        let mut next = Instant::now() + self.pause();
        let mut asked = Vec::new();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = sleep_until(next) => {}
                Some(ask) = self.asks.recv() => self.note(ask, &mut asked),
            }
            while let Ok(ask) = self.asks.try_recv() {
                self.note(ask, &mut asked);
            }
            let began = Instant::now();
            let renewed = timeout(self.pause().max(Duration::from_secs(1)), self.renew()).await;
            next = began + self.pause();
            match renewed {
                Ok(Ok(Renewed::Ours)) => {
                    self.written = began;
                    self.ours_until.send_replace(self.until());
                    self.tell(Standing::Held);
                    for renewed in asked.drain(..) {
                        // Whoever asked may have been told to end.
                        let _: Result<(), ()> = renewed.send(());
                    }
                }
                Ok(Ok(Renewed::Lost(by))) => return self.lose(&by),
                Ok(Err(error)) => next = self.missed(&error.to_string()),
                Err(_) => next = self.missed("the API server does not answer"),
            }
        }
        self.release().await;
    }

    fn pause(&self) -> Duration {
        self.record.duration / RENEWALS
    }

    fn until(&self) -> Instant {
        ours_until(self.written, &self.record)
    }

    fn note(&mut self, ask: Ask, asked: &mut Vec<oneshot::Sender<()>>) {
        if let Some((what, wanted)) = ask.unmirrored {
            (self.record.unmirrored, self.wanted) = (Some(what), wanted);
        }
        asked.push(ask.renewed);
    }

    /// Writes it with the version that we wrote last. Who finds another version looks whose it is: an answer of the server
    /// that got lost is ours.
    async fn renew(&mut self) -> Result<Renewed, WorldError> {
        self.forget_what_is_mirrored();
        loop {
            let wanted = LeaseRecord { renewed: Some(Timestamp::now()), ..self.record.clone() };
            match self.cluster.write_lease(&self.name, &wanted).await {
                Ok(written) => {
                    self.record = written;
                    return Ok(Renewed::Ours);
                }
                Err(error) if was_faster(&error) => {}
                // Somebody deleted it: it is made anew, unless another is faster.
                Err(error) if error.is_not_found() => self.record.version.clear(),
                Err(error) => return Err(error),
            }
            let Some(found) = self.cluster.lease(&self.name).await? else { continue };
            if found.session != self.record.session || found.holder != self.record.holder {
                return Ok(Renewed::Lost(found));
            }
            self.record.version = found.version;
        }
    }

    fn forget_what_is_mirrored(&mut self) {
        if self.copied.borrow().len >= self.wanted {
            self.record.unmirrored = None;
        }
    }

    /// Gives the time of the next try.
    fn missed(&mut self, why: &str) -> Instant {
        tracing::warn!(why, "the lease could not be renewed");
        if Instant::now() >= self.until() && *self.standing.borrow() == Standing::Held {
            self.command(StopReason::LeaseLost { why: why.to_owned() });
            self.tell(Standing::Doubtful { why: why.to_owned() });
        }
        Instant::now() + self.pause().min(Duration::from_secs(1))
    }

    fn lose(&self, by: &LeaseRecord) {
        let holder = if by.is_free() {
            "nobody any more: another console had it meanwhile, and left it".to_owned()
        } else {
            by.to_string()
        };
        tracing::error!(%holder, "the lease is lost");
        // The engine must know before an action that waits for us fails.
        self.command(StopReason::LeaseHeld { holder: holder.clone() });
        self.tell(Standing::Lost { holder });
    }

    fn tell(&self, standing: Standing) {
        self.standing.send_if_modified(|known| {
            let news = *known != standing;
            *known = standing;
            news
        });
    }

    fn command(&self, reason: StopReason) {
        // An engine that has ended stops no more.
        let _ = self.controls.send(Command::Stop { reason });
    }

    /// Leaves it to whoever wants it. When that fails it runs out by itself.
    async fn release(mut self) {
        self.forget_what_is_mirrored();
        let free = LeaseRecord {
            holder: String::new(),
            session: String::new(),
            renewed: Some(Timestamp::now()),
            ..self.record.clone()
        };
        let written = timeout(Duration::from_secs(5), self.cluster.write_lease(&self.name, &free));
        match written.await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the lease is not given back"),
            Err(_) => tracing::warn!("the lease is not given back: no answer"),
        }
    }
}
