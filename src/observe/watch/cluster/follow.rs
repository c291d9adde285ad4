//! One watch, shown for as long as somebody looks.

use std::pin::Pin;
use std::time::Duration;

use futures::{FutureExt, Stream, StreamExt};
use jiff::Timestamp;
use kube::api::ListParams;
use tokio::sync::watch;

use crate::world::{Cluster, Namespaced, Views, WorldError};

use super::beat::Beat;

/// Changes that come together are shown together.
const TOGETHER: Duration = Duration::from_millis(100);

/// What a watch has to show.
pub(super) enum Seen<V> {
    /// The objects, as they are now.
    Views(Views<V>),
    /// They are still as they were.
    Still(Timestamp),
    /// They could not be read.
    Nothing(String),
}

type Changes<V> = Pin<Box<dyn Stream<Item = Result<Views<V>, WorldError>> + Send>>;

/// Follows objects for ever, and shows what is seen.
pub(super) async fn follow<K: Namespaced, V: Clone + Send + Sync + 'static>(
    cluster: &Cluster,
    params: &ListParams,
    mut beats: watch::Receiver<Beat>,
    view: fn(K) -> V,
    mut show: impl FnMut(Seen<V>),
) {
    loop {
        let mut changes: Changes<V> = Box::pin(cluster.follow_views(params, view));
        until_broken(&mut changes, &mut beats, &mut show).await;
    }
}

/// Ends when the API server answers again after the watch has failed.
async fn until_broken<V: Clone>(
    changes: &mut Changes<V>,
    beats: &mut watch::Receiver<Beat>,
    show: &mut impl FnMut(Seen<V>),
) {
    let mut broken = false;
    loop {
        tokio::select! {
            Some(seen) = changes.next() => match seen {
                Ok(views) => {
                    broken = false;
                    show(Seen::Views(gathered(changes, views).await));
                }
                Err(error) => {
                    broken = true;
                    show(Seen::Nothing(error.to_string()));
                }
            },
            Ok(()) = beats.changed() => {
                let dead = beats.borrow_and_update().dead.clone();
                match dead {
                    Some(why) => {
                        broken = true;
                        show(Seen::Nothing(why));
                    }
                    None if broken => return,
                    None => show(Seen::Still(Timestamp::now())),
                }
            }
        }
    }
}

/// What comes within a moment after a change. An error that comes then is told by the watch again.
async fn gathered<V: Clone>(changes: &mut Changes<V>, first: Views<V>) -> Views<V> {
    tokio::time::sleep(TOGETHER).await;
    let mut last = first;
    while let Some(Some(Ok(views))) = changes.next().now_or_never() {
        last = views;
    }
    last
}
