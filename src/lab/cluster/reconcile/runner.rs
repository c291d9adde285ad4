//! The loop that every controller runs in: level-triggered, one key at a time, again after an error.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::delays::Delays;
use crate::lab::cluster::error::ApiError;
use crate::lab::cluster::store::{Change, Store};

/// Which object to look at. The uid is not part of it: a namesake is looked at as well.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) ns: String,
    pub(super) name: String,
}

impl Key {
    pub(super) fn new(ns: &str, name: &str) -> Self {
        Self { ns: ns.to_owned(), name: name.to_owned() }
    }

    pub(super) fn of(object: &serde_json::Value) -> Self {
        use crate::lab::cluster::meta;
        Self::new(meta::namespace(object), meta::name(object))
    }
}

/// When to look again although nothing changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    OnChange,
    After(Duration),
}

impl Next {
    /// The sooner of the two.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::After(one), Self::After(two)) => Self::After(one.min(two)),
            (Self::After(one), Self::OnChange) | (Self::OnChange, Self::After(one)) => {
                Self::After(one)
            }
            (Self::OnChange, Self::OnChange) => Self::OnChange,
        }
    }
}

/// One controller. It keeps nothing in mind that is not in the store.
pub(super) trait Controller: Send + 'static {
    /// As the fault hooks call it.
    fn name(&self) -> &'static str;

    /// The objects that a change concerns.
    fn concerned(&self, change: &Change) -> Vec<Key>;

    /// All objects, for the start and for when changes were missed.
    fn all(&self) -> Vec<Key>;

    /// Brings one object a step nearer to what it should be.
    fn reconcile(&mut self, key: &Key) -> Result<Next, ApiError>;
}

const FIRST_RETRY: Duration = Duration::from_millis(5);
const LAST_RETRY: Duration = Duration::from_secs(5);

struct Queue {
    due: BTreeMap<Key, Instant>,
    failures: BTreeMap<Key, u32>,
}

impl Queue {
    fn add(&mut self, key: Key, at: Instant) {
        let due = self.due.entry(key).or_insert(at);
        *due = (*due).min(at);
    }

    fn next(&self) -> Option<Instant> {
        self.due.values().min().copied()
    }

    fn take_due(&mut self, now: Instant) -> Vec<Key> {
        let due: Vec<Key> =
            self.due.iter().filter(|(_, at)| **at <= now).map(|(key, _)| key.clone()).collect();
        for key in &due {
            self.due.remove(key);
        }
        due
    }

    /// The controllers' rate limiter: 5 ms, doubled with every failure.
    fn retry(&mut self, key: Key) {
        let failures = self.failures.entry(key.clone()).or_default();
        *failures += 1;
        let pause = FIRST_RETRY.saturating_mul(1 << (*failures).min(16)).min(LAST_RETRY);
        self.add(key, Instant::now() + pause);
    }
}

/// Runs `controller` until `stop`.
pub(super) async fn run(
    mut controller: impl Controller,
    store: Store,
    delays: Arc<Delays>,
    stop: CancellationToken,
) {
    let mut changes = store.subscribe();
    let mut queue = Queue { due: BTreeMap::new(), failures: BTreeMap::new() };
    refill(&controller, &mut queue);
    loop {
        let next = queue.next();
        let timer = async {
            match next {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => return,
            change = changes.recv() => {
                let delay = delays.of(controller.name());
                match change {
                    Ok(change) => note(&controller, &mut queue, &change, delay),
                    Err(RecvError::Lagged(_)) => refill(&controller, &mut queue),
                    Err(RecvError::Closed) => return,
                }
                drain(&controller, &mut queue, &mut changes, delay);
            }
            () = timer => {}
        }
        for key in queue.take_due(Instant::now()) {
            work(&mut controller, &mut queue, key);
        }
    }
}

fn refill(controller: &impl Controller, queue: &mut Queue) {
    let now = Instant::now();
    controller.all().into_iter().for_each(|key| queue.add(key, now));
}

fn note(controller: &impl Controller, queue: &mut Queue, change: &Change, delay: Duration) {
    let at = Instant::now() + delay;
    controller.concerned(change).into_iter().for_each(|key| queue.add(key, at));
}

/// A burst of changes is one look at each object.
fn drain(
    controller: &impl Controller,
    queue: &mut Queue,
    changes: &mut Receiver<Change>,
    delay: Duration,
) {
    while let Ok(change) = changes.try_recv() {
        note(controller, queue, &change, delay);
    }
}

fn work(controller: &mut impl Controller, queue: &mut Queue, key: Key) {
    match controller.reconcile(&key) {
        Ok(next) => {
            queue.failures.remove(&key);
            if let Next::After(pause) = next {
                queue.add(key, Instant::now() + pause);
            }
        }
        Err(error) => {
            tracing::debug!(controller = controller.name(), ns = key.ns, name = key.name, %error, "will be tried again");
            queue.retry(key);
        }
    }
}
