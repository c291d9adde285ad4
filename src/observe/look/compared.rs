//! Looks at the last comparison of blue and green, and at whether blue has moved since.
//!
//! Maintenance takes transaction ids as well: autovacuum may move a fenced blue that nobody writes. Where the statistics
//! account for each id, what was found before still holds; where they do not, it proves nothing any more, and the comparison
//! is made again, once for all gates that ask.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::model::{Fact, Gate, Position, Progress, RunState, StepId, Verification, VerifyScope};
use crate::verify::{position, sides};
use crate::world::{PgSession, Recheck, Sql, World, WorldError};

use super::gate::Seen;

const SHUT: Sql<'static> = Sql::Kept(include_str!("../../../assets/sql/observe/shut.sql"));

/// How long one look waits for a comparison; a later look finds it done.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long blue must stand still.
const STILL: Duration = Duration::from_millis(600);

/// How long it is waited for that; autovacuum may be at work, or somebody may have been connected a moment ago.
const SETTLES: Duration = Duration::from_secs(6);

pub(super) async fn last(world: &World, gate: &Gate, state: &RunState) -> Seen {
    let scope = scope(gate);
    let Some((step, found)) = newest(world, scope, state) else {
        return Ok(Fact::NotVerified);
    };
    let observer = world.blue.observer().await?;
    let mut now = at(&observer).await?;
    let mut found = remembered(world, scope, &found).unwrap_or(found);
    let mut upkeep = false;
    let moved = found.blue.next_xid != now.next_xid && found.blue.system == now.system;
    let rests = if moved { rests(&observer, &now).await? } else { None };
    observer.give_back();
    if let Some(later) = rests {
        now = later;
        upkeep = found.blue.kept_since(&now).is_some();
        if !upkeep {
            // the gates of a step are looked at side by side: one of them may have had it compared meanwhile
            found = match remembered(world, scope, &found) {
                Some(found) => found,
                None => compare_again(world, &found).await?,
            };
            let observer = world.blue.observer().await?;
            now = at(&observer).await?;
            observer.give_back();
        }
    }
    let (system, next_xid) = (now.system, now.next_xid);
    Ok(Fact::Verified { step, found: Box::new(found), system, next_xid, upkeep })
}

const fn scope(gate: &Gate) -> VerifyScope {
    match gate {
        Gate::ContentEqual => VerifyScope::Content,
        Gate::SchemaEqual => VerifyScope::Schema,
        Gate::SequencesSafe => VerifyScope::Sequences,
        _ => VerifyScope::Counts,
    }
}

/// The outcome of a `verify` step holds what it found, and so does its failure.
fn newest(world: &World, scope: VerifyScope, state: &RunState) -> Option<(StepId, Verification)> {
    let outcomes = world.runbook.steps().filter_map(|(_, step)| {
        let found = state.step(&step.id).verification()?;
        found.covers(scope).then(|| (step.id.clone(), found))
    });
    outcomes.max_by_key(|(_, found)| found.at)
}

/// What a look found since.
fn remembered(world: &World, scope: VerifyScope, before: &Verification) -> Option<Verification> {
    let recheck = world.memory.recheck()?;
    let found = recheck.borrow().clone()?.ok()?;
    (found.covers(scope) && found.at > before.at).then_some(found)
}

async fn at(session: &PgSession) -> Result<Position, WorldError> {
    let read = position(session).await;
    read.map_err(|error| session.explain("pg_snapshot_xmax(pg_current_snapshot())", &error))
}

/// Where blue stands when it is shut and does not move: another comparison would not be overtaken at once.
async fn rests(session: &PgSession, now: &Position) -> Result<Option<Position>, WorldError> {
    let row = session.query_one(SHUT, &[]).await?;
    let shut: bool = row.try_get(0).map_err(|error| session.explain(SHUT, &error))?;
    if !shut {
        return Ok(None);
    }
    let until = Instant::now() + SETTLES;
    let mut before = now.next_xid;
    loop {
        tokio::time::sleep(STILL).await;
        let later = at(session).await?;
        let (stands, late) = (later.next_xid == before, Instant::now() >= until);
        if stands && (late || !later.is_unsettled()) {
            return Ok(Some(later));
        } else if late {
            return Ok(None);
        }
        before = later.next_xid;
    }
}

async fn compare_again(world: &World, found: &Verification) -> Result<Verification, WorldError> {
    let mut recheck = world.memory.recheck_or(|| begin(world, &found.scopes));
    let late = || WorldError::Deadline {
        waited_for: "a new comparison (blue has moved on, though no client wrote)".to_owned(),
        after: PATIENCE,
        last: Some("it goes on".to_owned()),
    };
    let answer = tokio::time::timeout(PATIENCE, recheck.wait_for(Option::is_some))
        .await
        .map_err(|_| late())?;
    let answer = answer.map_err(|_| late())?.clone();
    answer.ok_or_else(late)?.map_err(|why| WorldError::Settings {
        what: "blue and green could not be compared again".to_owned(),
        why,
    })
}

fn begin(world: &World, scopes: &[VerifyScope]) -> Recheck {
    let (tell, recheck) = watch::channel(None);
    let (world, scopes) = (world.clone(), scopes.to_vec());
    tokio::spawn(async move {
        let found = tokio::select! {
            found = sides(&world, &scopes, "recheck", &|_: Progress| ()) => found,
            () = tell.closed() => return,
        };
        tell.send_replace(Some(found.map_err(|error| error.to_string())));
    });
    recheck
}
