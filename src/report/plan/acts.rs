//! What a single step says to the world, for whoever is asked to confirm it.

use super::{calls, statements};
use crate::model::{Runbook, Step, Undo};

/// A statement or a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What it is for, or its beginning, in a line.
    pub line: String,
    /// All of it.
    pub whole: String,
}

/// The statements and requests with which a step acts.
#[must_use]
pub fn step_acts(runbook: &Runbook, step: &Step) -> Vec<Said> {
    said(&statements::acting(runbook, &step.verb), calls::calls(runbook, &step.verb))
}

/// The statements and requests with which a step is undone.
#[must_use]
pub fn step_undoes(runbook: &Runbook, step: &Step) -> Vec<Said> {
    let requests = match &step.undo {
        Undo::Nothing => Vec::new(),
        Undo::Former => calls::undoing(runbook, &step.verb),
        Undo::Verb(verb) => calls::calls(runbook, verb),
    };
    said(&statements::undoing(runbook, step), requests)
}

fn said(sql: &[statements::Statement], requests: Vec<String>) -> Vec<Said> {
    let request = |whole: String| {
        let line = whole.split("  ").next().unwrap_or_default().to_owned();
        Said { line, whole }
    };
    let sql = sql.iter().map(|one| Said { line: one.line(), whole: one.whole() });
    sql.chain(requests.into_iter().map(request)).collect()
}
