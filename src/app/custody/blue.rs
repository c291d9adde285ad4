//! The advisory lock on blue: taken at the start where blue answers, and held beside the run.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::model::{Command, RunId, StopReason};
use crate::session::Controls;
use crate::world::{AdvisoryLock, LockHolder, Postgres, WorldError};

/// How often its session is asked whether it lives.
const PAUSE: Duration = Duration::from_secs(5);

/// How long blue is asked at the start. A run begins without it where blue does not answer: gates say that blue is away.
const PATIENCE: Duration = Duration::from_secs(10);

/// Takes the lock. A session that is known to have lost the run is ended.
pub(super) async fn take(
    blue: &Postgres,
    operator: &str,
    is_left: impl Fn(&LockHolder) -> bool,
) -> Result<Option<AdvisoryLock>, LockHolder> {
    let taking = async {
        match blue.lock(operator).await? {
            Err(holder) if is_left(&holder) => {
                blue.end_holder(operator, &holder).await?;
                blue.lock(operator).await
            }
            taken => Ok(taken),
        }
    };
    let taken: Result<_, WorldError> = match timeout(PATIENCE, taking).await {
        Ok(taken) => taken,
        Err(_) => return Ok(None),
    };
    match taken {
        Ok(Ok(lock)) => Ok(Some(lock)),
        Ok(Err(holder)) => Err(holder),
        Err(error) => {
            tracing::warn!(%error, "the lock on blue is not taken yet");
            Ok(None)
        }
    }
}

/// Holds the lock while blue is there, and opens its session again when it is lost.
pub(super) async fn hold(
    blue: Postgres,
    operator: String,
    run: RunId,
    mut lock: Option<AdvisoryLock>,
    mut there: watch::Receiver<bool>,
    controls: Controls,
    stop: CancellationToken,
) {
    loop {
        if !*there.borrow_and_update() {
            // A server that shuts down smartly waits for its sessions.
            lock = None;
        } else if let Some(held) = lock.take() {
            if held.is_held().await {
                lock = Some(held);
            } else {
                tracing::warn!("the session of the lock on blue is lost");
                continue;
            }
        } else {
            // Another operator's lock on the same run means that they have taken the run over.
            match take(&blue, &operator, |holder| holder.is_by(&run, &operator)).await {
                Ok(taken) => lock = taken,
                Err(holder) => {
                    let holder = format!("{holder}, by the lock on blue");
                    let _ =
                        controls.send(Command::Stop { reason: StopReason::LeaseHeld { holder } });
                    return;
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            changed = there.changed() => if changed.is_err() { return },
            () = sleep(PAUSE) => {}
        }
    }
}
