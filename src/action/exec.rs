//! `exec`: a program without a shell.
//!
//! Its output is progress, and the last of it is kept with the outcome; secrets in it are covered. It knows the run, the step and
//! the namespace from `PGCUTOVER_RUN`, `PGCUTOVER_STEP` and `PGCUTOVER_NAMESPACE`.
//!
//! Calls of the API server: none of its own.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use crate::engine::Probed;
use crate::model::{Failure, FailureKind, Outcome};

use super::act::{Act, outcome, seen};
use super::process::{Program, describe, run};
use super::redact::{Redactor, names_a_secret};

/// Runs the program to its end.
pub(super) async fn perform(
    act: Act<'_>,
    argv: &[String],
    folder: &Path,
    cwd: Option<&str>,
    env: &BTreeMap<String, String>,
) -> Result<Outcome, Failure> {
    let program = Program {
        argv: argv.to_vec(),
        cwd: Some(cwd.map_or_else(|| folder.to_path_buf(), |cwd| folder.join(cwd))),
        env: environment(act, env),
    };
    let secrets = env.iter().filter(|(name, _)| names_a_secret(name)).map(|(_, value)| value);
    secrets.clone().for_each(|secret| act.world.calls().hide(secret));
    let redactor = Redactor::new(secrets.cloned());
    let ended = run(act, &program).await.map_err(|failure| redactor.failure(failure))?;
    let name = argv.first().map(String::as_str).unwrap_or_default();
    let how = describe(ended.status);
    if !ended.status.success() {
        let failure = Failure::new(FailureKind::Refused, format!("`{name}` ended with {how}"));
        let last = ended.lines.into_iter().rev().take(20).rev();
        return Err(redactor.failure(last.fold(failure, Failure::because)));
    }
    let last = ended.lines.last().map_or_else(String::new, |line| format!(": {line}"));
    let evidence = seen(format!("`{name}` ended with {how}"), argv.join(" "), ended.lines);
    let data = json!({ "exit-code": 0, "seconds": ended.took.as_secs() });
    Ok(redactor.outcome(outcome(
        format!("`{name}` done after {} s{last}", ended.took.as_secs()),
        vec![evidence],
        data,
    )))
}

/// Nobody can tell whether a program ran; the profile says whether that matters.
pub(super) fn probe(idempotent: bool) -> Probed {
    if idempotent {
        return Probed::Again;
    }
    Probed::Unknown(Failure::new(
        FailureKind::Other,
        "whether the program ran cannot be told, and the step does not say that it is `idempotent`",
    ))
}

fn environment(act: Act<'_>, env: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let known = [
        ("PGCUTOVER_RUN", act.context.run.to_string()),
        ("PGCUTOVER_STEP", act.step.id.to_string()),
        ("PGCUTOVER_NAMESPACE", act.cluster().namespace().to_owned()),
    ];
    let known = known.into_iter().map(|(name, value)| (name.to_owned(), value));
    known.chain(env.iter().map(|(name, value)| (name.clone(), value.clone()))).collect()
}
