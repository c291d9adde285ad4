//! One comparison over sessions of its own.

use futures::future::try_join_all;
use jiff::Timestamp;

use super::compare::{Compared, compare};
use super::error::VerifyError;
use crate::model::{Progress, Side, Verification, VerifyScope};
use crate::world::{Access, Canceller, PgSession, SessionKind, Traced, World};

/// How many sessions read each side.
const SESSIONS: usize = 4;

/// What the hashes are seeded with. It only has to be the same for both sides.
const SEED: i64 = 0x7067_6375_746f_7672;

/// Compares the sides of a world over sessions that are opened for it. When the future is dropped, what they run is ended
/// on the servers.
///
/// # Errors
/// [`VerifyError`] when a side cannot be connected to or read as a whole.
pub async fn sides(
    world: &World,
    scopes: &[VerifyScope],
    purpose: &str,
    progress: &(impl Fn(Progress) + Sync),
) -> Result<Verification, VerifyError> {
    let (blue, green) = futures::try_join!(
        sessions(world, Side::Blue, purpose),
        sessions(world, Side::Green, purpose)
    )?;
    let guard = CancelOnDrop(blue.iter().chain(&green).map(PgSession::canceller).collect());
    let (of_blue, of_green): (Vec<&Traced>, Vec<&Traced>) =
        (blue.iter().map(|one| &**one).collect(), green.iter().map(|one| &**one).collect());
    let compared = Compared {
        scopes,
        watch: &world.runbook.watch,
        extensions: &world.runbook.green.extensions,
        seed: SEED,
        now: Timestamp::now(),
    };
    let found = compare(&of_blue, &of_green, &compared, progress).await;
    guard.disarm();
    found
}

async fn sessions(world: &World, side: Side, purpose: &str) -> Result<Vec<PgSession>, VerifyError> {
    // Nothing is written either way; an observer's statements would end after some seconds, so they are given their time.
    let (kind, store) = match world.access {
        Access::ReadWrite => (SessionKind::Operator, world.store(side)),
        Access::ReadOnly => (SessionKind::Observer, world.store(side)),
    };
    let sessions = try_join_all((0..SESSIONS).map(|_| store.session(purpose, kind))).await?;
    for session in &sessions {
        session.batch_execute("SET statement_timeout = 0").await?;
    }
    Ok(sessions)
}

/// A count that nobody waits for any more would go on to its end.
struct CancelOnDrop(Vec<Canceller>);

impl CancelOnDrop {
    fn disarm(mut self) {
        self.0.clear();
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        for canceller in self.0.drain(..) {
            runtime.spawn(async move { canceller.cancel().await });
        }
    }
}
