//! `verify`: blue and green are compared inside their servers.
//!
//! Calls of the API server: what a session needs. SQL privileges: `SELECT` on what is compared.

use futures::future::try_join_all;
use jiff::Timestamp;
use tokio_postgres::Client;

use crate::model::{Effects, Failure, FailureKind, Outcome, Side, Verification, VerifyScope};
use crate::verify::{Compared, VerifyError, compare};
use crate::world::{PgSession, SessionKind, WorldError};

use super::act::{Act, cancelled, outcome, seen};

/// How many sessions read each side.
const SESSIONS: usize = 4;

/// What the hashes are seeded with. It only has to be the same for both sides.
const SEED: i64 = 0x7067_6375_746f_7672;

/// Compares the sides; what differs is a failure that names it. Nothing is changed either way.
pub(super) async fn perform(act: Act<'_>, scopes: &[VerifyScope]) -> Result<Outcome, Failure> {
    let compared = async {
        both(act, scopes).await.map_err(|failure| Failure { effects: Effects::None, ..failure })
    };
    let verification = tokio::select! {
        biased;
        verification = compared => verification?,
        () = act.context.cancel.cancelled() => {
            return Err(cancelled("blue and green to be compared").without_effects());
        }
    };
    let problems = verification.problems();
    if problems.is_empty() {
        Ok(equal(&verification))
    } else {
        Err(differs(&verification, problems))
    }
}

async fn both(act: Act<'_>, scopes: &[VerifyScope]) -> Result<Verification, Failure> {
    let (blue, green) = futures::try_join!(sessions(act, Side::Blue), sessions(act, Side::Green))?;
    let (of_blue, of_green): (Vec<&Client>, Vec<&Client>) =
        (blue.iter().map(|one| &**one).collect(), green.iter().map(|one| &**one).collect());
    let runbook = &act.world.runbook;
    let compared = Compared {
        scopes,
        watch: &runbook.watch,
        extensions: &runbook.green.extensions,
        seed: SEED,
        now: Timestamp::now(),
    };
    let progress = |progress| act.progress(progress);
    compare(&of_blue, &of_green, &compared, &progress).await.map_err(|error| not_compared(&error))
}

async fn sessions(act: Act<'_>, side: Side) -> Result<Vec<PgSession>, WorldError> {
    let purpose = act.step.id.as_str();
    let store = act.store(side);
    try_join_all((0..SESSIONS).map(|_| store.session(purpose, SessionKind::Operator))).await
}

fn not_compared(error: &VerifyError) -> Failure {
    let kind = match error {
        VerifyError::Database { source, .. } if source.as_db_error().is_some() => {
            FailureKind::Refused
        }
        _ => FailureKind::Unreachable,
    };
    Failure::new(kind, error.to_string())
}

fn equal(verification: &Verification) -> Outcome {
    let details = verification.tables.iter().map(crate::model::TableVerdict::describe).collect();
    let evidence = seen(verification.summary(), verification.method.clone(), details);
    let data = serde_json::to_value(verification).unwrap_or_default();
    outcome(verification.summary(), vec![evidence], data)
}

fn differs(verification: &Verification, problems: Vec<String>) -> Failure {
    let tables: Vec<&str> = verification
        .tables
        .iter()
        .filter(|table| !table.is_equal())
        .map(|table| table.table.as_str())
        .collect();
    let what = if tables.is_empty() { "schema or sequences".to_owned() } else { tables.join(", ") };
    let mut failure = Failure::new(FailureKind::Differs, format!("blue and green differ: {what}"));
    for table in &verification.tables {
        const NAMED: usize = 5;
        for row in table.differences.iter().take(NAMED) {
            failure = failure.because(format!("{}: {:?} {}", table.table, row.kind, row.key));
        }
    }
    failure.causes.splice(0..0, problems);
    failure.without_effects()
}
