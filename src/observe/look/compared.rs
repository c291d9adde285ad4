//! Looks at the last comparison of blue and green, and at whether blue has moved since.
//!
//! Maintenance takes transaction ids as well: autovacuum may move a fenced blue that nobody writes. Then what was found
//! before proves nothing any more, and the comparison is made again, once for all gates that ask.

use std::time::Duration;

use tokio::sync::watch;

use crate::model::{Fact, Gate, Progress, RunState, StepId, Verification, VerifyScope};
use crate::verify::{fence, sides};
use crate::world::{PgSession, Recheck, World, WorldError};

use super::gate::Seen;

const SHUT: &str = include_str!("../../../assets/sql/observe/shut.sql");

/// How long one look waits for a comparison; a later look finds it done.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long blue must stand still before it is compared again.
const STILL: Duration = Duration::from_millis(600);

pub(super) async fn last(world: &World, gate: &Gate, state: &RunState) -> Seen {
    let scope = scope(gate);
    let Some((step, found)) = newest(world, scope, state) else {
        return Ok(Fact::NotVerified);
    };
    let observer = world.blue.observer().await?;
    let system = observer.peer().system_identifier.clone();
    let mut now = next_xid(&observer).await?;
    let mut found = remembered(world, scope, now).unwrap_or(found);
    if found.blue.next_xid != now && found.blue.system == system && rests(&observer, now).await? {
        observer.give_back();
        // the gates of a step are looked at side by side: one of them may have had it compared meanwhile
        found = match remembered(world, scope, now) {
            Some(found) => found,
            None => compare_again(world, &found).await?,
        };
        let observer = world.blue.observer().await?;
        now = next_xid(&observer).await?;
        observer.give_back();
    } else {
        observer.give_back();
    }
    Ok(Fact::Verified { step, found: Box::new(found), system, next_xid: now })
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

/// What a look found before, while it still holds.
fn remembered(world: &World, scope: VerifyScope, now: u64) -> Option<Verification> {
    let recheck = world.memory.recheck()?;
    let found = recheck.borrow().clone()?.ok()?;
    (found.covers(scope) && found.blue.next_xid == now).then_some(found)
}

async fn next_xid(session: &PgSession) -> Result<u64, WorldError> {
    let sample = fence::sample(session).await;
    let (sample, _) = sample
        .map_err(|error| session.explain("pg_snapshot_xmax(pg_current_snapshot())", &error))?;
    Ok(sample.next_xid)
}

/// Blue is shut and does not move: another comparison would not be overtaken at once.
async fn rests(session: &PgSession, before: u64) -> Result<bool, WorldError> {
    let row = session.query_one(SHUT, &[]).await?;
    let shut: bool = row.try_get(0).map_err(|error| session.explain(SHUT, &error))?;
    if !shut {
        return Ok(false);
    }
    tokio::time::sleep(STILL).await;
    Ok(next_xid(session).await? == before)
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
