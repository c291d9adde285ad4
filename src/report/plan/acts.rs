//! What a single step says to the world, for whoever is asked to confirm it.

use super::{calls, statements};
use crate::model::{Runbook, Step, Undo};

/// The statements and requests with which a step acts.
#[must_use]
pub fn step_acts(runbook: &Runbook, step: &Step) -> Vec<String> {
    let sql = statements::acting(runbook, &step.verb);
    sql.iter().map(statements::Statement::whole).chain(calls::calls(runbook, &step.verb)).collect()
}

/// The statements and requests with which a step is undone.
#[must_use]
pub fn step_undoes(runbook: &Runbook, step: &Step) -> Vec<String> {
    let sql = statements::undoing(runbook, step);
    let requests = match &step.undo {
        Undo::Nothing => Vec::new(),
        Undo::Former => calls::undoing(runbook, &step.verb),
        Undo::Verb(verb) => calls::calls(runbook, verb),
    };
    sql.iter().map(statements::Statement::whole).chain(requests).collect()
}
