//! Looks at the last comparison of blue and green, and at whether blue has moved since.

use crate::model::{Fact, Gate, RunState, StepId, Verification, VerifyScope};
use crate::verify::fence;
use crate::world::World;

use super::gate::Seen;

pub(super) async fn last(world: &World, gate: &Gate, state: &RunState) -> Seen {
    let Some((step, found)) = newest(world, scope(gate), state) else {
        return Ok(Fact::NotVerified);
    };
    let observer = world.blue.observer().await?;
    let (now, _) = fence::sample(&observer)
        .await
        .map_err(|error| observer.explain("pg_snapshot_xmax(pg_current_snapshot())", &error))?;
    let system = observer.peer().system_identifier.clone();
    observer.give_back();
    Ok(Fact::Verified { step, found: Box::new(found), system, next_xid: now.next_xid })
}

const fn scope(gate: &Gate) -> VerifyScope {
    match gate {
        Gate::ContentEqual => VerifyScope::Content,
        Gate::SchemaEqual => VerifyScope::Schema,
        Gate::SequencesSafe => VerifyScope::Sequences,
        _ => VerifyScope::Counts,
    }
}

/// The outcome of a `verify` step holds what it found.
fn newest(world: &World, scope: VerifyScope, state: &RunState) -> Option<(StepId, Verification)> {
    let outcomes = world.runbook.steps().filter_map(|(_, step)| {
        let outcome = state.step(&step.id).outcome.as_ref()?;
        let found: Verification = serde_json::from_value(outcome.data.clone()).ok()?;
        found.covers(scope).then(|| (step.id.clone(), found))
    });
    outcomes.max_by_key(|(_, found)| found.at)
}
