//! Shutting a side, and proving it.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::former::Former;
use super::stragglers;
use crate::engine::StepContext;
use crate::model::{
    Evidence, Failure, FailureKind, FencePosition, FenceProof, FenceSample, Outcome, Progress,
    Side, Step,
};
use crate::verify::fence::{clients, prove};
use crate::world::{PgSession, SessionKind, World};

/// Ends the sessions of every client of the database.
pub(super) const TERMINATE: &str = include_str!("../../../assets/sql/fence/terminate.sql");
const ROUNDS: usize = 3;

/// Shuts a side. Doing it again does no harm.
///
/// # Errors
/// [`FailureKind::NotFenced`] with what is still open, and whose sessions they are.
pub(in crate::action) async fn shut(
    world: &World,
    side: Side,
    step: &Step,
    context: &StepContext,
) -> Result<Outcome, Failure> {
    let purpose = step.id.as_str();
    let operator = world.store(side).session(purpose, SessionKind::Operator).await?;
    let former = Former::read(world, side, purpose).await?;
    operator.batch_execute(&former.shut()).await?;
    let mut whose = whose(world, &operator).await?;
    let mut ended = 0;
    for round in 1..=ROUNDS {
        ended += operator.query_one(TERMINATE, &[]).await?.get::<_, i64>(0);
        settle(&operator).await?;
        tell(
            context,
            format!("{side} is shut, {ended} sessions ended; proving it ({round} of {ROUNDS})"),
        );
        let (proof, system) = proof(world, side, purpose).await?;
        if let Some(position) = position(side, &proof, system) {
            whose.extend(others(&proof));
            return Ok(proven(&position, ended, &former, whose));
        }
        if round == ROUNDS || context.cancel.is_cancelled() {
            return Err(not_proven(world, side, &proof).await);
        }
    }
    Err(Failure::new(FailureKind::NotFenced, format!("{side} could not be fenced")))
}

/// Sessions take a moment to end; a proof that still sees them dying would have to be taken again.
async fn settle(operator: &PgSession) -> Result<(), Failure> {
    for _ in 0..20 {
        let left =
            clients(operator).await.map_err(|error| operator.explain("the clients", &error))?;
        if left.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// The proof is taken over a session that begins as the application's does.
async fn proof(world: &World, side: Side, purpose: &str) -> Result<(FenceProof, String), Failure> {
    let session = world.store(side).session(purpose, SessionKind::Application).await?;
    let proof = prove(&session, Timestamp::now, None).await;
    let proof = proof.map_err(|error| session.explain("the proof of the fence", &error))?;
    Ok((proof, session.peer().system_identifier.clone()))
}

/// Whose sessions the fence ends: the writers are gone by then, so that nobody was expected.
async fn whose(world: &World, operator: &PgSession) -> Result<Vec<String>, Failure> {
    let found = clients(operator).await.map_err(|error| operator.explain("the clients", &error))?;
    let named = stragglers::name(world, &found).await;
    Ok(named.into_iter().map(|(line, _)| format!("ended: {line}")).collect())
}

fn position(side: Side, proof: &FenceProof, system: String) -> Option<FencePosition> {
    let FenceSample { next_xid, lsn, .. } = proof.position()?;
    Some(FencePosition { side, system, next_xid: *next_xid, lsn: lsn.clone(), at: proof.at })
}

fn proven(position: &FencePosition, ended: i64, former: &Former, details: Vec<String>) -> Outcome {
    let FencePosition { side, next_xid, lsn, at, .. } = position;
    Outcome {
        summary: format!("{side} refuses writes and stands still at transaction {next_xid}, {lsn}"),
        evidence: vec![Evidence {
            summary: format!(
                "a write was refused (25006); the next transaction id stood at {next_xid} over {} samples; \
                 {ended} sessions were ended, no client of the application is left, nothing is prepared",
                FenceProof::STILL
            ),
            source: former.shut(),
            at: *at,
            details,
        }],
        data: json!(position),
    }
}

/// Clients of other roles, which were told to be there and did not write.
fn others(proof: &FenceProof) -> Vec<String> {
    let clients = proof.samples.last().map(|sample| sample.clients.as_slice()).unwrap_or_default();
    clients.iter().map(|client| format!("also connected: {}", client.describe())).collect()
}

async fn not_proven(world: &World, side: Side, proof: &FenceProof) -> Failure {
    let failure =
        Failure::new(FailureKind::NotFenced, format!("the fence of {side} is not proven"));
    let failure = proof.problems().into_iter().fold(failure, Failure::because);
    match stragglers::fix(world, proof).await {
        Some((owners, fix)) => owners.into_iter().fold(failure, Failure::because).mended_by(fix),
        None => failure,
    }
}

fn tell(context: &StepContext, message: String) {
    // Nobody listening is no reason to stop.
    let _ = context.progress.send(Progress { message, ..Progress::default() });
}
