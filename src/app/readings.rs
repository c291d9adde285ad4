//! Keeps what is seen during a run beside its journal.

use std::path::Path;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::journal::Readings;
use crate::model::Observed;

/// Keeps readings until told to stop. Nothing waits for it, and a disk that refuses ends it: the run has its journal.
pub(super) fn keep(
    folder: &Path,
    mut observed: watch::Receiver<Observed>,
    stop: CancellationToken,
) {
    let folder = folder.to_owned();
    tokio::spawn(async move {
        let opened = tokio::task::spawn_blocking(move || Readings::open(&folder)).await;
        let Ok(Ok(mut readings)) = opened else {
            return tracing::warn!(?opened, "the readings are not kept");
        };
        while let Some(Ok(())) = stop.run_until_cancelled(observed.changed()).await {
            let seen = observed.borrow_and_update().clone();
            let kept = tokio::task::spawn_blocking(move || {
                readings.keep(Timestamp::now(), &seen).map(|()| readings)
            });
            match kept.await {
                Ok(Ok(kept)) => readings = kept,
                failed => return tracing::warn!(?failed, "the readings are no longer kept"),
            }
        }
    });
}
