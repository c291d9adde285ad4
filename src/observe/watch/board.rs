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
        self.sender.send_modify(|observed| {
            change(match side {
                Side::Blue => &mut observed.blue,
                Side::Green => &mut observed.green,
            });
        });
    }

    /// Changes what is not of a side.
    pub(super) fn change(&self, change: impl FnOnce(&mut Observed)) {
        self.sender.send_modify(change);
    }

    /// Lets readings grow stale.
    pub(super) fn age(&self) {
        let (now, refresh) = (Timestamp::now(), self.refresh);
        self.sender.send_if_modified(|observed| {
            let before = observed.clone();
            for view in [&mut observed.blue, &mut observed.green] {
                aged(&mut view.version, now, refresh);
                aged(&mut view.system, now, refresh);
                aged(&mut view.size, now, refresh);
                aged(&mut view.clients, now, refresh);
                aged(&mut view.tables, now, refresh);
                aged(&mut view.extensions, now, refresh);
                aged(&mut view.pods, now, refresh.max(HEARTBEAT));
            }
            aged(&mut observed.serving, now, refresh.max(HEARTBEAT));
            aged(&mut observed.jobs, now, refresh.max(HEARTBEAT));
            *observed != before
        });
    }
}

fn aged<T>(reading: &mut Reading<T>, now: Timestamp, refresh: Duration) {
    *reading = std::mem::take(reading).aged(now, refresh);
}

/// What was read now.
pub(super) fn fresh<T>(value: T) -> Reading<T> {
    Reading::Fresh { value, at: Timestamp::now() }
}

/// Nothing was read: what was known grows stale.
pub(super) fn miss<T>(reading: &mut Reading<T>, why: &str) {
    *reading = std::mem::take(reading).missed(why);
}
