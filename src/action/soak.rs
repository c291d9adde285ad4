//! `soak`: holds for a time while gates stay open.
//!
//! The time counts from the journal, so that a console that comes back goes on where its predecessor was. A soak that failed and
//! is tried again begins anew: what went wrong in between was not watched.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use crate::model::{Evidence, Failure, FailureKind, Gate, Judgement, Opening, Outcome, Progress};
use crate::observe::look;

use super::act::{Act, outcome};

/// How often gates are looked at.
const INTERVAL: Duration = Duration::from_secs(5);

/// A gate that is held is looked at once more after this, so that one lost packet does not end a day.
const SECOND_LOOK: Duration = Duration::from_secs(2);

/// How long nothing may be known: an API server that restarts, a token that is renewed, a laptop that sleeps.
const UNKNOWN_FOR: Duration = Duration::from_secs(600);

/// Waits out the time. At its end every gate must be seen open once more.
pub(super) async fn perform(
    act: Act<'_>,
    hold: Duration,
    gates: &[Gate],
) -> Result<Outcome, Failure> {
    let since = since(act);
    let mut unknown_since: Option<Timestamp> = None;
    let mut looks = 0_u64;
    loop {
        let judgements = confirmed(act, gates).await?;
        looks += 1;
        let now = Timestamp::now();
        if let Some(held) = judgements.iter().find(|one| one.opening == Opening::Held) {
            return Err(shut(held, elapsed(since, now)));
        }
        let unknown = judgements.iter().find(|one| one.opening == Opening::Unknown);
        unknown_since = unknown.map(|_| unknown_since.unwrap_or(now));
        if let (Some(first), Some(gate)) = (unknown_since, unknown)
            && elapsed(first, now) > UNKNOWN_FOR
        {
            return Err(blind(gate));
        }
        let passed = elapsed(since, now);
        if passed >= hold && unknown.is_none() {
            return Ok(held_for(hold, looks, judgements));
        }
        act.progress(progress(passed, hold, unknown));
        let left = hold.saturating_sub(passed).min(INTERVAL).max(Duration::from_millis(200));
        act.pause(left, "the soak to end").await.map_err(Failure::without_effects)?;
    }
}

/// From when on it counts: this soak's first start, or the failure of the attempt before this one.
fn since(act: Act<'_>) -> Timestamp {
    let known = act.context.state.step(&act.step.id);
    let failed_at = known.ended_at.filter(|_| act.context.attempt > 1);
    failed_at.unwrap_or(act.context.started_at)
}

/// Looks at every gate, at held ones twice.
async fn confirmed(act: Act<'_>, gates: &[Gate]) -> Result<Vec<Judgement>, Failure> {
    let mut judgements = Vec::with_capacity(gates.len());
    for gate in gates {
        let mut judgement = look(act.world, gate, &act.context.state).await;
        if judgement.opening == Opening::Held {
            act.tell(format!("{gate} is held, looking once more: {}", judgement.evidence.summary));
            act.pause(SECOND_LOOK, "the soak to end").await.map_err(Failure::without_effects)?;
            judgement = look(act.world, gate, &act.context.state).await;
        }
        judgements.push(judgement);
    }
    Ok(judgements)
}

fn elapsed(since: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(since)).unwrap_or_default()
}

fn progress(passed: Duration, hold: Duration, unknown: Option<&Judgement>) -> Progress {
    let message = match unknown {
        Some(one) => format!("{} is unknown: {}", one.gate, one.evidence.summary),
        None => "all gates are open".to_owned(),
    };
    Progress {
        message,
        done: Some(passed.min(hold).as_secs()),
        total: Some(hold.as_secs()),
        unit: "seconds".to_owned(),
        fix: unknown.and_then(|one| one.fix.clone()),
    }
}

fn shut(held: &Judgement, passed: Duration) -> Failure {
    let mut failure = Failure::new(
        FailureKind::GateShut,
        format!("`{}` did not stay open: it shut after {} s", held.gate, passed.as_secs()),
    )
    .because(held.evidence.summary.clone());
    failure.fix.clone_from(&held.fix);
    failure.without_effects()
}

fn blind(gate: &Judgement) -> Failure {
    Failure::new(
        FailureKind::Unreachable,
        format!("`{}` was unknown for {} s", gate.gate, UNKNOWN_FOR.as_secs()),
    )
    .because(gate.evidence.summary.clone())
    .without_effects()
}

fn held_for(hold: Duration, looks: u64, judgements: Vec<Judgement>) -> Outcome {
    let evidence: Vec<Evidence> = judgements
        .into_iter()
        .map(|one| Evidence {
            summary: format!("{}: {}", one.gate, one.evidence.summary),
            ..one.evidence
        })
        .collect();
    outcome(
        format!("held for {} s, {looks} looks at {} gates", hold.as_secs(), evidence.len()),
        evidence,
        json!({ "seconds": hold.as_secs(), "looks": looks }),
    )
}
