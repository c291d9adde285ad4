//! Begins to watch.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::model::{Focus, Observed, Side};
use crate::world::World;

use super::board::Board;
use super::{cluster, side};

/// What watching gives to a front end.
#[derive(Debug)]
pub struct Eyes {
    /// The latest readings.
    pub observed: watch::Receiver<Observed>,
    /// What is to be looked at closely. Observers read it whenever it changes; nothing is read because it was sent twice.
    pub focus: watch::Sender<Focus>,
}

/// Begins to read both sides and the cluster, until `stop` or until nobody looks any more. It never blocks anybody: where
/// something cannot be read, it tries again for ever, and what was known grows stale meanwhile.
#[must_use]
pub fn watch(world: &World, refresh: Duration, stop: CancellationToken) -> Eyes {
    let (sender, observed) = watch::channel(Observed::default());
    let board = Arc::new(Board::new(sender, refresh.max(Duration::from_millis(100))));
    let tasks = tokio_util::task::TaskTracker::new();
    let shown = Arc::clone(&board);
    let spawn = move |task: futures::future::BoxFuture<'static, ()>| {
        let (stop, board) = (stop.clone(), Arc::clone(&shown));
        tasks.spawn(async move {
            tokio::select! {
                () = task => {}
                () = stop.cancelled() => {}
                () = board.nobody_looks() => {}
            }
        });
    };
    for side in Side::BOTH {
        spawn(Box::pin(side::read(world.clone(), side, Arc::clone(&board))));
        if let Some(workload) = world.runbook.store(side).workload.clone() {
            spawn(Box::pin(cluster::pods(
                world.cluster.clone(),
                side,
                workload,
                Arc::clone(&board),
            )));
        }
    }
    if let Some(traffic) = world.runbook.traffic.clone() {
        spawn(Box::pin(cluster::serving(world.cluster.clone(), traffic, Arc::clone(&board))));
    }
    spawn(Box::pin(cluster::jobs(world.cluster.clone(), Arc::clone(&board))));
    spawn(Box::pin(age(Arc::clone(&board))));
    let (focus, _) = watch::channel(Focus::default());
    Eyes { observed, focus }
}

async fn age(board: Arc<Board>) {
    let mut ticks = tokio::time::interval(board.refresh);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        board.age();
    }
}
