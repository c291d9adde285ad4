//! `backup`: `pg_dump` into a file, proven by restoring it into a scratch database.
//!
//! The file appears under its name only when it is whole, synced and proven. It never replaces another: where one of that name
//! lies already, a number is added. The password reaches `pg_dump` in its environment, never in its arguments.
//!
//! SQL privileges: `SELECT` on everything, `CREATEDB` for the scratch database. Calls of the API server: what a session needs.

mod file;
mod programs;
mod scratch;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::model::{Failure, FailureKind, Outcome, Side};
use crate::world::SessionKind;

use super::act::{Act, outcome, refused, seen, untouched};
use super::process::{Program, describe, run};
use programs::Programs;

#[derive(Debug, Serialize, Deserialize)]
struct Before {
    path: PathBuf,
}

/// Decides under which name the file will lie.
pub(super) fn prepare(folder: &Path, path: &str) -> Result<Value, Failure> {
    let path = file::free(&folder.join(path)).map_err(|error| {
        refused(FailureKind::Other, format!("`{path}` is no place for a backup"))
            .because(error.to_string())
    })?;
    Ok(json!(Before { path }))
}

/// Dumps, proves, and gives the file its name.
pub(super) async fn perform(
    act: Act<'_>,
    side: Side,
    bindirs: &[PathBuf],
) -> Result<Outcome, Failure> {
    let Before { path } = act.before()?;
    let purpose = act.step.id.as_str();
    let session =
        act.store(side).session(purpose, SessionKind::Operator).await.map_err(untouched)?;
    let programs = Programs::find(bindirs, session.peer().version_num).await?;
    let part = file::part(&path);
    file::create(&part).map_err(|error| not_written(&part, &error))?;
    let client =
        act.store(side).client_program(purpose, SessionKind::Operator).await.map_err(untouched)?;
    let dump = Program {
        argv: vec![
            programs.dump.display().to_string(),
            "--format=custom".into(),
            "--no-password".into(),
            "--verbose".into(),
            "--lock-wait-timeout=60s".into(),
            format!("--file={}", part.display()),
        ],
        cwd: None,
        env: client.env.clone(),
    };
    let ended = run(act, &dump).await?;
    if !ended.status.success() {
        let failure = Failure::new(
            FailureKind::Refused,
            format!("`pg_dump` ended with {}", describe(ended.status)),
        );
        let errors = ended
            .lines
            .into_iter()
            .filter(|line| line.contains("error") || line.contains("detail"));
        return Err(errors.fold(failure, Failure::because));
    }
    let summed = file::seal(&part).map_err(|error| not_written(&part, &error))?;
    let proof = scratch::prove(act, side, &session, &programs, &client, &part).await?;
    file::rename(&part, &path).map_err(|error| not_written(&path, &error))?;
    let data = json!({ "path": path, "bytes": summed.bytes, "sha256": summed.sha256, "pg-dump": programs.version });
    let evidence = seen(
        format!("{} bytes, SHA-256 {}", summed.bytes, summed.sha256),
        format!("pg_dump {} of {}", programs.version, session.peer()),
        Vec::new(),
    );
    Ok(outcome(
        format!("{side} is in `{}` ({} bytes), and it restores", path.display(), summed.bytes),
        vec![evidence, proof],
        data,
    ))
}

/// Deletes the file.
pub(super) fn undo(act: Act<'_>) -> Result<Outcome, Failure> {
    let Before { path } = act.before()?;
    for file in [file::part(&path), path.clone()] {
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(not_written(&file, &error));
            }
            _ => {}
        }
    }
    Ok(Outcome::new(format!("`{}` deleted", path.display())))
}

fn not_written(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(FailureKind::Other, format!("`{}` cannot be written", path.display()))
        .because(error.to_string())
}
