//! Reads a side's database over one session that lives as long as it can.
//!
//! Every statement is bounded by the server itself (`statement_timeout`, `lock_timeout`, read-only transactions), a silent
//! wire by us, and all of them together by a share of the server's time.

mod activity;
mod catalogue;
mod details;
mod flow;
mod reader;
mod sequences;
mod sizes;
mod statement;
mod tables;
mod work;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::model::{Focus, Side, SideView};
use crate::world::{PgSession, SessionKind, World, WorldError};

use super::board::Board;
pub(super) use reader::Kind;
use reader::Reader;

/// How long one round of readings may take before the connection counts as lost.
const LONGEST_ROUND: Duration = Duration::from_secs(30);

/// The longest pause before a connection is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// An observer's statements are small; one that takes longer is not worth its price, and one that waits for a lock stands
/// in a queue before the application.
const BOUNDS: &str = "SET statement_timeout = '5s'; SET lock_timeout = '300ms'";

/// Reads for ever; a session that is lost is opened again after a pause that grows.
pub(super) async fn read(
    world: World,
    side: Side,
    board: Arc<Board>,
    mut focus: watch::Receiver<Focus>,
) {
    let mut pause = board.refresh;
    loop {
        let why = match begin(&world, side).await {
            Ok(session) => {
                pause = board.refresh;
                follow(&world, &session, side, &board, &mut focus).await
            }
            Err(error) => error,
        };
        board.side(side, |view| forget(view, &why.to_string()));
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE.max(board.refresh));
    }
}

async fn begin(world: &World, side: Side) -> Result<PgSession, WorldError> {
    let session = world.store(side).session("observe", SessionKind::Observer).await?;
    match tokio::time::timeout(LONGEST_ROUND, session.batch_execute(BOUNDS)).await {
        Ok(bounded) => bounded.map(|()| session),
        Err(_) => Err(silent(side)),
    }
}

/// What came from the database grows stale; what comes from the cluster does not.
fn forget(view: &mut SideView, why: &str) {
    view.version.miss(why);
    view.system.miss(why);
    view.size.miss(why);
    view.clients.miss(why);
    view.connections.miss(why);
    view.transactions.miss(why);
    view.waiting.miss(why);
    view.sessions.miss(why);
    view.flow.miss(why);
    view.wal.miss(why);
    view.work.miss(why);
    view.tables.miss(why);
    view.details.miss(why);
    view.extensions.miss(why);
    view.sequences.miss(why);
    view.settings.miss(why);
}

/// Reads until the session is lost, and says how.
async fn follow(
    world: &World,
    session: &PgSession,
    side: Side,
    board: &Board,
    focus: &mut watch::Receiver<Focus>,
) -> WorldError {
    let mut reader = Reader::new(world, session, side, board);
    let mut ticks = tokio::time::interval(board.refresh);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            Ok(()) = focus.changed() => {}
        }
        let looked_at = focus.borrow_and_update().table.clone();
        let round = round(&mut reader, looked_at);
        // The server ends a statement that takes too long; a wire that has gone silent nobody ends but we.
        match tokio::time::timeout(LONGEST_ROUND, round).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return error,
            Err(_) => return silent(side),
        }
    }
}

/// One reading of everything that is due, the cheapest first. Only a lost session is an error; what one statement cannot
/// read is missed.
async fn round(reader: &mut Reader<'_>, looked_at: Option<String>) -> Result<(), WorldError> {
    activity::activity(reader).await?;
    flow::flow(reader).await?;
    activity::sessions(reader).await?;
    work::work(reader).await?;
    details::details(reader, looked_at).await?;
    tables::tables(reader).await?;
    catalogue::extensions(reader).await?;
    catalogue::settings(reader).await?;
    flow::size(reader).await?;
    sizes::sizes(reader).await?;
    sequences::sequences(reader).await
}

fn silent(side: Side) -> WorldError {
    WorldError::Deadline {
        waited_for: format!("an answer of {side}"),
        after: LONGEST_ROUND,
        last: None,
    }
}
