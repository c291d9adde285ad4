//! `sql`: statements on a side, in one transaction unless the profile says otherwise.
//!
//! SQL privileges are those of the statements; the session may write while its side is fenced. Calls of the API server: what
//! a session needs (`list` `pods`, `get`, `create` `pods/portforward`, `get` `secrets`).

mod split;

use jiff::Timestamp;
use serde_json::json;
use tokio_postgres::SimpleQueryMessage;

use crate::engine::Probed;
use crate::model::{Effects, Evidence, Failure, FailureKind, Outcome, Progress, Side};
use crate::world::{PgSession, SessionKind, WorldError};

use super::act::{Act, cancelled, outcome, untouched};
use split::statements;

/// What the profile says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Script<'a> {
    pub(super) side: Side,
    pub(super) statement: &'a str,
    pub(super) transaction: bool,
    pub(super) idempotent: bool,
    pub(super) probe: Option<&'a str>,
}

/// Runs the statements, one after another.
pub(super) async fn perform(act: Act<'_>, script: Script<'_>) -> Result<Outcome, Failure> {
    let purpose = act.step.id.as_str();
    let session =
        act.store(script.side).session(purpose, SessionKind::Operator).await.map_err(untouched)?;
    let all = statements(script.statement);
    if script.transaction {
        session.batch_execute("BEGIN").await.map_err(untouched)?;
    }
    let run = run(act, &session, &all);
    let done = tokio::select! {
        biased;
        done = run => done,
        () = act.context.cancel.cancelled() => Err(cancelled("the statements to end")),
    };
    match done {
        Ok(evidence) => {
            if script.transaction {
                commit(&session).await?;
            }
            let rows: u64 = evidence.iter().map(|(_, rows)| rows).sum();
            let evidence: Vec<Evidence> = evidence.into_iter().map(|(one, _)| one).collect();
            let summary = format!(
                "{} of {} statements done on {}, {rows} rows",
                evidence.len(),
                all.len(),
                script.side
            );
            Ok(outcome(summary, evidence, json!({ "rows": rows })))
        }
        Err(failure) if script.transaction => {
            // Whatever becomes of this, a transaction that was not committed has not happened.
            let _ = session.batch_execute("ROLLBACK").await;
            Err(Failure { effects: Effects::None, ..failure })
        }
        Err(failure) => Err(failure),
    }
}

async fn run(
    act: Act<'_>,
    session: &PgSession,
    all: &[String],
) -> Result<Vec<(Evidence, u64)>, Failure> {
    let mut done: Vec<(Evidence, u64)> = Vec::new();
    for (place, statement) in all.iter().enumerate() {
        act.progress(Progress {
            message: first_line(statement),
            done: Some(place as u64),
            total: Some(all.len() as u64),
            unit: "statements".to_owned(),
            fix: None,
        });
        let at = Timestamp::now();
        match session.simple_query(statement).await {
            Ok(messages) => done.push(told(statement, &messages, session.take_notices(), at)),
            Err(error) => return Err(refused(&error, place, all.len())),
        }
    }
    Ok(done)
}

/// A commit without an answer may have happened; no other error leaves that open.
async fn commit(session: &PgSession) -> Result<(), Failure> {
    session.batch_execute("COMMIT").await.map_err(|error| {
        let lost = matches!(&error, WorldError::Statement(error) if error.lost);
        let failure = Failure::from(error);
        if lost {
            failure.because("it is not known whether the transaction was committed")
        } else {
            failure.without_effects()
        }
    })
}

fn refused(error: &WorldError, place: usize, total: usize) -> Failure {
    let fenced = error.sqlstate() == Some("25006");
    let mut failure = Failure::from(error.clone());
    if total > 1 {
        failure = failure.because(format!("statement {} of {total}", place + 1));
    }
    if fenced {
        failure =
            failure.because("the transaction was read-only: the side may be fenced, or a standby");
    }
    failure
}

fn told(
    statement: &str,
    messages: &[SimpleQueryMessage],
    notices: Vec<String>,
    at: Timestamp,
) -> (Evidence, u64) {
    let mut rows = 0;
    for message in messages {
        if let SimpleQueryMessage::CommandComplete(count) = message {
            rows += count;
        }
    }
    let summary = format!("{}: {rows} rows", first_line(statement));
    (Evidence { summary, source: statement.to_owned(), at, details: notices }, rows)
}

/// Asks the probe's query; without one the profile's word counts.
pub(super) async fn probe(act: Act<'_>, script: Script<'_>) -> Probed {
    match script.probe {
        Some(query) => match answers_true(act, script.side, query).await {
            Ok(true) => {
                Probed::Done(Outcome::new(format!("`{query}` answers true: it has happened")))
            }
            Ok(false) => Probed::Again,
            Err(error) => Probed::Unknown(error.into()),
        },
        None if script.idempotent => Probed::Again,
        None => Probed::Unknown(Failure::new(
            FailureKind::Other,
            "whether the statements were run cannot be told: the step names no `probe` and is not `idempotent`",
        )),
    }
}

async fn answers_true(act: Act<'_>, side: Side, query: &str) -> Result<bool, WorldError> {
    let session = act.store(side).session(act.step.id.as_str(), SessionKind::Observer).await?;
    let messages = session.simple_query(query).await?;
    let first = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(ToOwned::to_owned),
        _ => None,
    });
    Ok(matches!(first.as_deref(), Some("t" | "true" | "on" | "yes" | "1")))
}

fn first_line(statement: &str) -> String {
    const LONGEST: usize = 100;
    let line = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
