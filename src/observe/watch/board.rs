//! Where readings are put: the latest wins.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use crate::model::{Observed, Reading, Side, SideView};

use super::side::Kind;

/// How often it is asked whether the API server still answers, when it tells nothing.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Board {
    sender: watch::Sender<Observed>,
    pub(super) refresh: Duration,
    /// How often what is read seldom comes: by that it grows stale.
    periods: Mutex<BTreeMap<(Side, Kind), Duration>>,
}

impl Board {
    pub(super) fn new(sender: watch::Sender<Observed>, refresh: Duration) -> Self {
        Self { sender, refresh, periods: Mutex::default() }
    }

    pub(super) async fn nobody_looks(&self) {
        self.sender.closed().await;
    }

    /// Changes a side's view.
    pub(super) fn side(&self, side: Side, change: impl FnOnce(&mut SideView)) {
        self.sender.send_modify(|observed| change(observed.side_mut(side)));
    }

    /// Changes what is not of a side.
    pub(super) fn change(&self, change: impl FnOnce(&mut Observed)) {
        self.sender.send_modify(change);
    }

    /// Looks at what stands there now.
    pub(super) fn look<T>(&self, at: impl FnOnce(&Observed) -> T) -> T {
        at(&self.sender.borrow())
    }

    /// A kind of reading comes that often from now on.
    pub(super) fn comes(&self, side: Side, kind: Kind, every: Duration) {
        let mut periods = self.periods.lock().unwrap_or_else(PoisonError::into_inner);
        periods.insert((side, kind), every);
    }

    /// Lets readings grow stale.
    pub(super) fn age(&self) {
        let (now, refresh) = (Timestamp::now(), self.refresh);
        let periods = self.periods.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.sender.send_if_modified(|observed| {
            let mut older = false;
            for side in Side::BOTH {
                let period = |kind| periods.get(&(side, kind)).copied().unwrap_or(refresh);
                older |= age_side(observed.side_mut(side), now, period, refresh.max(HEARTBEAT));
            }
            older | age_cluster(observed, now, refresh.max(HEARTBEAT))
        });
    }
}

fn age_side(
    view: &mut SideView,
    now: Timestamp,
    period: impl Fn(Kind) -> Duration,
    beat: Duration,
) -> bool {
    [
        view.version.age(now, period(Kind::Activity)),
        view.system.age(now, period(Kind::Activity)),
        view.clients.age(now, period(Kind::Activity)),
        view.connections.age(now, period(Kind::Activity)),
        view.transactions.age(now, period(Kind::Activity)),
        view.waiting.age(now, period(Kind::Activity)),
        view.sessions.age(now, period(Kind::Sessions)),
        view.flow.age(now, period(Kind::Flow)),
        view.wal.age(now, period(Kind::Flow)),
        view.work.age(now, period(Kind::Work)),
        view.tables.age(now, period(Kind::Tables)),
        view.details.age(now, period(Kind::Details)),
        view.size.age(now, period(Kind::Size)),
        view.extensions.age(now, period(Kind::Extensions)),
        view.sequences.age(now, period(Kind::Sequences)),
        view.settings.age(now, period(Kind::Settings)),
        view.pods.age(now, beat),
    ]
    .contains(&true)
}

fn age_cluster(observed: &mut Observed, now: Timestamp, beat: Duration) -> bool {
    let cluster = &mut observed.cluster;
    [
        observed.serving.age(now, beat),
        cluster
            .workloads
            .values_mut()
            .fold(false, |older, workload| older | workload.age(now, beat)),
        cluster.pods.age(now, beat),
        cluster.claims.age(now, beat),
        cluster.jobs.age(now, beat),
        cluster.endpoints.age(now, beat),
        cluster.events.age(now, beat),
    ]
    .contains(&true)
}

/// What was read now.
pub(super) fn fresh<T>(value: T) -> Reading<T> {
    Reading::Fresh { value, at: Timestamp::now() }
}

/// What was read now, or why nothing was: then what was known grows stale.
pub(super) fn put<T>(reading: &mut Reading<T>, read: Result<T, &str>) {
    match read {
        Ok(value) => *reading = fresh(value),
        Err(why) => reading.miss(why),
    }
}
