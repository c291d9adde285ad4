//! Begins to watch.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::model::{Focus, Observed, Side};
use crate::world::World;

use super::board::Board;
use super::cluster::{Beat, Post};
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
    let (focus, looked_at) = watch::channel(Focus::default());
    let (beats, beaten) = watch::channel(Beat::default());
    let board = Arc::new(Board::new(sender, refresh.max(Duration::from_millis(100))));
    let spawn = spawner(stop, Arc::clone(&board));
    for side in Side::BOTH {
        let (world, board) = (world.clone(), Arc::clone(&board));
        spawn(Box::pin(side::read(world, side, board, looked_at.clone())));
    }
    let post = Post { cluster: world.cluster.clone(), board: Arc::clone(&board), beats: beaten };
    let book = Arc::clone(&world.runbook);
    let workloads = post.clone();
    spawn(Box::pin(async move { cluster::workloads(workloads, &book).await }));
    spawn(Box::pin(cluster::pods(post.clone())));
    spawn(Box::pin(cluster::jobs(post.clone())));
    spawn(Box::pin(cluster::claims(post.clone())));
    spawn(Box::pin(cluster::events(post.clone())));
    if let Some(traffic) = &world.runbook.traffic {
        spawn(Box::pin(cluster::serving(post.clone(), traffic.clone())));
        spawn(Box::pin(cluster::endpoints(post.clone(), traffic.clone())));
    }
    spawn(Box::pin(cluster::logs(post, looked_at)));
    spawn(Box::pin(cluster::beat(world.cluster.clone(), beats)));
    spawn(Box::pin(age(board)));
    Eyes { observed, focus }
}

/// Starts tasks that end with `stop`, or when nobody looks any more.
fn spawner(stop: CancellationToken, board: Arc<Board>) -> impl Fn(BoxFuture<'static, ()>) {
    move |task| {
        let (stop, board) = (stop.clone(), Arc::clone(&board));
        tokio::spawn(async move {
            tokio::select! {
                () = task => {}
                () = stop.cancelled() => {}
                () = board.nobody_looks() => {}
            }
        });
    }
}

async fn age(board: Arc<Board>) {
    let mut ticks = tokio::time::interval(board.refresh);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        board.age();
    }
}
