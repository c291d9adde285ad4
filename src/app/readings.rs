//! Keeps what is seen during a run, and how far its steps are, beside its journal.

use std::io;
use std::path::Path;

use jiff::Timestamp;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::journal::Readings;
use crate::model::{Event, EventKind, Observed};

/// What is told.
enum News {
    Seen(Box<Observed>),
    Progress(Box<Event>),
}

/// Keeps readings and progress until told to stop, and passes the facts on. Nothing waits for it, and a disk that refuses ends it:
/// the run has its journal.
pub(super) fn keep(
    folder: &Path,
    observed: watch::Receiver<Observed>,
    facts: UnboundedReceiver<Event>,
    stop: CancellationToken,
) -> UnboundedReceiver<Event> {
    let (passed, progress) = tap(facts);
    let folder = folder.to_owned();
    tokio::spawn(async move {
        let opened = tokio::task::spawn_blocking(move || Readings::open(&folder)).await;
        match opened {
            Ok(Ok(readings)) => write(readings, observed, progress, &stop).await,
            refused => tracing::warn!(?refused, "the readings are not kept"),
        }
    });
    passed
}

/// The facts, and beside them those that tell how far a step is.
fn tap(
    mut facts: UnboundedReceiver<Event>,
) -> (UnboundedReceiver<Event>, UnboundedReceiver<Event>) {
    let (pass, passed) = mpsc::unbounded_channel();
    let (tell, progress) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(event) = facts.recv().await {
            if matches!(event.kind, EventKind::StepProgress { .. }) {
                // whoever kept it has given up
                let _ = tell.send(event.clone());
            }
            if pass.send(event).is_err() {
                return;
            }
        }
    });
    (passed, progress)
}

async fn write(
    mut readings: Readings,
    mut observed: watch::Receiver<Observed>,
    mut progress: UnboundedReceiver<Event>,
    stop: &CancellationToken,
) {
    loop {
        let news = tokio::select! {
            () = stop.cancelled() => return,
            Ok(()) = observed.changed() => {
                News::Seen(Box::new(observed.borrow_and_update().clone()))
            }
            Some(told) = progress.recv() => News::Progress(Box::new(told)),
            else => return,
        };
        let kept =
            tokio::task::spawn_blocking(move || take(&mut readings, news).map(|()| readings));
        match kept.await {
            Ok(Ok(kept)) => readings = kept,
            failed => return tracing::warn!(?failed, "the readings are no longer kept"),
        }
    }
}

fn take(readings: &mut Readings, news: News) -> io::Result<()> {
    match news {
        News::Seen(observed) => readings.keep(Timestamp::now(), &observed),
        News::Progress(told) => readings.keep_progress(*told),
    }
}
