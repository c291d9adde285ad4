//! Proving a dump by loading it into a database that is dropped again.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::action::act::{Act, seen};
use crate::action::process::{Ended, Program, describe, run};
use crate::model::{Evidence, Failure, FailureKind, Fix, Side};
use crate::world::{ClientProgram, PgSession, SessionKind, WorldError};

use super::programs::Programs;

const TABLES: &str = include_str!("../../../assets/sql/backup/tables.sql");

/// Loads the dump into a scratch database on its own server and counts its tables against the original's.
pub(super) async fn prove(
    act: Act<'_>,
    side: Side,
    session: &PgSession,
    programs: &Programs,
    client: &ClientProgram,
    dump: &Path,
) -> Result<Evidence, Failure> {
    let name = name(act);
    act.tell(format!("restoring the dump into `{name}` to prove it"));
    drop_database(session, &name).await?;
    session
        .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0"))
        .await
        .map_err(not_made)?;
    let proof = restore_and_count(act, side, session, programs, client, dump, &name).await;
    // The proof's own failure is the one to tell.
    let dropped = drop_database(session, &name).await;
    let evidence = proof?;
    dropped?;
    Ok(evidence)
}

async fn restore_and_count(
    act: Act<'_>,
    side: Side,
    session: &PgSession,
    programs: &Programs,
    client: &ClientProgram,
    dump: &Path,
    name: &str,
) -> Result<Evidence, Failure> {
    let restore = Program {
        argv: vec![
            programs.restore.display().to_string(),
            "--no-password".into(),
            "--jobs=2".into(),
            format!("--dbname={name}"),
            dump.display().to_string(),
        ],
        cwd: None,
        env: client.env.clone(),
    };
    let ended = run(act, &restore).await?;
    let ignored = judge(ended)?;
    let scratch =
        act.store(side).session_in(name, act.step.id.as_str(), SessionKind::Operator).await?;
    let count = async |session: &PgSession| -> Result<i64, WorldError> {
        let row = session.query_one(TABLES, &[]).await?;
        session.column(TABLES, &row, "tables")
    };
    let (original, restored) = (count(session).await?, count(&scratch).await?);
    if restored < original {
        return Err(Failure::new(
            FailureKind::Differs,
            format!(
                "the dump does not hold everything: {restored} of {original} tables were restored"
            ),
        ));
    }
    let summary = format!("restored into a scratch database: {restored} of {original} tables");
    Ok(seen(summary, format!("pg_restore {} --dbname={name}", programs.version), ignored))
}

/// A restore by a newer client than the server may stumble over settings that the server does not know yet, and over nothing
/// else.
fn judge(ended: Ended) -> Result<Vec<String>, Failure> {
    if ended.status.success() {
        return Ok(Vec::new());
    }
    let errors: Vec<String> =
        ended.lines.iter().filter(|line| line.contains("error:")).cloned().collect();
    let harmless = |line: &String| line.contains("unrecognized configuration parameter");
    if !errors.is_empty() && errors.iter().all(harmless) {
        return Ok(errors);
    }
    let failure = Failure::new(
        FailureKind::Refused,
        format!("the dump does not restore: `pg_restore` ended with {}", describe(ended.status)),
    );
    let told = if errors.is_empty() { ended.lines } else { errors };
    Err(told.into_iter().take(20).fold(failure, Failure::because))
}

async fn drop_database(session: &PgSession, name: &str) -> Result<(), Failure> {
    Ok(session.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?)
}

fn not_made(error: WorldError) -> Failure {
    let forbidden = error.sqlstate() == Some("42501");
    let failure = Failure::from(error);
    if !forbidden {
        return failure;
    }
    failure.mended_by(Fix {
        title: "the dump is proven in a scratch database, which the role may not make: grant it `CREATEDB`".to_owned(),
        command: Some("ALTER ROLE <role> CREATEDB".to_owned()),
        mend: None,
    })
}

/// The same name for the same step, so that a resumed run drops what was left behind.
fn name(act: Act<'_>) -> String {
    use std::fmt::Write as _;
    let hash = Sha256::digest(format!("{}/{}", act.context.run, act.step.id));
    hash.iter().take(5).fold("pgcutover_scratch_".to_owned(), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}
