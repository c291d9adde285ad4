//! Where readings are put: the latest wins.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use crate::model::{Observed, Reading, Side, SideView};

/// How often a watch of the cluster looks whether it still sees, when nothing changes.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Board {
    sender: watch::Sender<Observed>,
    pub(super) refresh: Duration,
}

impl Board {
    pub(super) fn new(sender: watch::Sender<Observed>, refresh: Duration) -> Self {
        Self { sender, refresh }
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

    /// Lets readings grow stale.
    pub(super) fn age(&self) {
        let (now, refresh) = (Timestamp::now(), self.refresh);
        let beat = refresh.max(HEARTBEAT);
        self.sender.send_if_modified(|observed| {
            let mut older = false;
            for view in [&mut observed.blue, &mut observed.green] {
                older |= view.version.age(now, refresh);
                older |= view.system.age(now, refresh);
                older |= view.size.age(now, refresh);
                older |= view.clients.age(now, refresh);
                older |= view.tables.age(now, refresh);
                older |= view.extensions.age(now, refresh);
                older |= view.pods.age(now, beat);
            }
            older |= observed.serving.age(now, beat);
            older | observed.cluster.jobs.age(now, beat)
        });
    }
}

/// What was read now.
pub(super) fn fresh<T>(value: T) -> Reading<T> {
    Reading::Fresh { value, at: Timestamp::now() }
}

/// Nothing was read: what was known grows stale.
pub(super) fn miss<T>(reading: &mut Reading<T>, why: &str) {
    reading.miss(why);
}
