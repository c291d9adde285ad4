//! `verify`: blue and green are compared inside their servers.
//!
//! Calls of the API server: what a session needs. SQL privileges: `SELECT` on what is compared.

use crate::model::{Effects, Failure, FailureKind, Outcome, Verification, VerifyScope};
use crate::verify::{VerifyError, sides};

use super::act::{Act, cancelled, outcome, seen};

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
    let progress = |progress| act.progress(progress);
    sides(act.world, scopes, act.step.id.as_str(), &progress).await.map_err(not_compared)
}

fn not_compared(error: VerifyError) -> Failure {
    let kind = match error {
        VerifyError::World(error) => return error.into(),
        VerifyError::Database { ref source, .. } if source.as_db_error().is_some() => {
            FailureKind::Refused
        }
        VerifyError::Database { .. } | VerifyError::NoSession { .. } => FailureKind::Unreachable,
    };
    Failure::new(kind, error.to_string())
}

fn equal(verification: &Verification) -> Outcome {
    let tables = verification.tables.iter().map(crate::model::TableVerdict::describe);
    let details = tables.chain(verification.not_compared(usize::MAX)).collect();
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
    failure.with(serde_json::to_value(verification).unwrap_or_default()).without_effects()
}
